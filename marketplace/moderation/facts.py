"""Facts of the policies `moderation_profiles`, `moderation_queue` and `appeals`."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from typing import Any, Literal

from decisions.bundles import current
from detectors.signal import FOREIGN, Findings, Language, Signal
from marketplace.accounts.models import User
from marketplace.moderation.models import Insult, Kind, QueueItem
from marketplace.moderation.queries import overturned
from marketplace.moderation.thread import Thread

Mode = Literal["normal", "dispute"]
Action = Literal["claim", "release", "resolve"]
AppealAction = Literal["report", "appeal", "rule"]
AppealFate = Literal["blocked", "held", "removed", "stands", "waiting", "gone", "other"]
Cause = Literal["flagged", "reported", "blocked", "sampled", "imported", "nothing"]
ReadingFor = Literal["unstated", "author_asked", "law_requires", "danger", "quality"]

MAX_INSULTS = 100
NO_LOT = 1.0
"""Of a text that no blind sample has drawn."""


def mode_of(kind: str) -> Mode:
    """How a text is judged, by the kind of place that it is written for."""
    return "dispute" if kind == Kind.DISPUTE_MESSAGE else "normal"


def moderation_facts(*, mode: Mode, findings: Findings, insults: Iterable[datetime]) -> dict[str, object]:
    return {
        "mode": mode,
        "language": _declared(findings.language),
        "signals": [_fact(signal) for signal in strongest(findings.signals, _as_the_policy_sees)],
        "unavailable": list(findings.unavailable),
        "earlier_insults": list(insults),
    }


def _declared(language: Language) -> str:
    """A policy that is older than the rules of a language reads it as `other`. Otherwise the fact would not fit, and the policy
    would block every text in that language."""
    versions = current().policies.get("moderation_profiles") if language in FOREIGN else None
    facts = [version.validated.policy.facts.get("language") for version in versions.all] if versions else []
    known = all(fact is None or fact.type.kind != "enum" or language in fact.type.members for fact in facts)
    return language if known else "other"


def strongest(signals: Iterable[Signal], alike: Callable[[Signal], Hashable]) -> list[Signal]:
    """The highest score of each group of signals that are alike: a hostile text gives thousands."""
    kept: dict[Hashable, Signal] = {}
    for signal in sorted(signals, key=lambda signal: -signal.score):
        kept.setdefault(alike(signal), signal)
    return list(kept.values())


def _as_the_policy_sees(signal: Signal) -> Hashable:
    return signal.category, signal.detector, signal.reported, signal.quoted


def _fact(signal: Signal) -> dict[str, Any]:
    return {
        "category": signal.category,
        "score": signal.score,
        "detector": signal.detector,
        "reported": signal.reported,
        "quoted": signal.quoted,
    }


def earlier_insults(*, author: User, thread: Thread) -> list[datetime]:
    """The latest insults by this author in this thread, without those that a moderator cleared."""
    insults = Insult.objects.filter(thread_kind=thread.kind, thread_id=thread.id, author=author)
    counted = insults.exclude(overturned("queue_item")).order_by("-at")
    return list(counted.values_list("at", flat=True)[:MAX_INSULTS])


def queue_facts(
    action: Action, *, moderator: User, item: QueueItem, verdict: str = "none", because: str = ""
) -> dict[str, object]:
    """The item before the action."""
    return _facts(action, moderator, item.author_id, "flagged") | {
        "state": str(item.state),
        "claimed_by": None if item.claimed_by_id is None else str(item.claimed_by_id),
        "claimed_at": item.claimed_at,
        "verdict": str(verdict),
        "because": because,
    }


def keeping_facts(*, author: User) -> dict[str, object]:
    return _facts("keep", author, author.pk, "blocked")


def reading_facts(
    *, moderator: User, author_id: int | None, cause: Cause, reading_for: ReadingFor, lot: float = NO_LOT
) -> dict[str, object]:
    return _facts("read", moderator, author_id, cause) | {"reading_for": reading_for, "lot": lot}


def labelling_facts(
    *, moderator: User, author_id: int | None, cause: Cause, lot: float, first_by: int | None, complete: bool
) -> dict[str, object]:
    """Of a text in a blind sample, as claimed by whoever gave the first label."""
    state = "resolved" if complete else "open" if first_by is None else "claimed"
    return _facts("label", moderator, author_id, cause) | {
        "lot": lot,
        "state": state,
        "claimed_by": None if first_by is None else str(first_by),
    }


def _facts(action: str, actor: User, author_id: int | None, cause: Cause) -> dict[str, object]:
    """Of a text that nobody has claimed. An imported one has no author."""
    return {
        "action": action,
        "actor_id": str(actor.pk),
        "actor_role": str(actor.role),
        "actor_is_staff": actor.is_staff,
        "author_id": "" if author_id is None else str(author_id),
        "state": "open",
        "claimed_by": None,
        "claimed_at": None,
        "cause": cause,
        "reading_for": "unstated",
        "lot": NO_LOT,
        "verdict": "none",
        "because": "",
    }


def appeal_facts(
    action: AppealAction,
    *,
    actor: User,
    author_id: int,
    fate: AppealFate,
    decided_at: datetime,
    reporter_id: int | None = None,
    done_before: bool = False,
    ruled: bool = False,
    ruled_by: Iterable[int] = (),
    claimed_by: int | None = None,
    verdict: str = "none",
    because: str = "",
) -> dict[str, object]:
    return {
        "action": action,
        "actor_id": str(actor.pk),
        "actor_role": str(actor.role),
        "author_id": str(author_id),
        "reporter_id": None if reporter_id is None else str(reporter_id),
        "fate": fate,
        "decided_at": decided_at,
        "done_before": done_before,
        "ruled": ruled,
        "ruled_by": [str(moderator) for moderator in sorted(ruled_by)],
        "claimed_by": None if claimed_by is None else str(claimed_by),
        "verdict": str(verdict),
        "because": because,
    }
