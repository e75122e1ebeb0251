"""Statements of reasons: why something was refused, held, removed or locked, for the person concerned only.

The fields are those of Article 17 of the EU's Digital Services Act. A statement is made from the recorded decision and from rows
that never change, so asking again gives the same one. It has no word of a text, no position, score or detector, and no fact that
the policy does not show to the parties.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from decisions.models import DecisionRecord
from decisions.reading import DecisionView, bundle_of, view_decision
from decisions.texts import TextUnavailable
from engine import PolicyNotInForce, UnknownPolicy
from marketplace.accounts.models import User
from marketplace.moderation.facts import AppealFate, appeal_facts
from marketplace.moderation.models import REPORTED, Appeal, AppealState, QueueItem, Verdict
from marketplace.moderation.services import PASSING
from marketplace.moderation.services import POLICY as PROFILES
from marketplace.moderation.strikes import POLICY as STRIKES
from marketplace.moderation.strikes import category_of_rule
from marketplace.parties import both_of_order, facts_for_parties

Restriction = Literal["refusal", "hold", "removal", "lock", "rejected_appeal"]
Duration = Literal["once", "until_reviewed", "permanent"]
Prompt = Literal["own_initiative", "report", "request"]

LASTS: Final[Mapping[Restriction, Duration]] = {
    "refusal": "once",
    "hold": "until_reviewed",
    "removal": "permanent",
    "lock": "permanent",
    "rejected_appeal": "permanent",
}
CHOOSING: Final = frozenset({"inbox_title", "retention"})
"""Policies whose outcomes refuse nobody anything."""
REMOVED: Final = "A moderator has read your text and removed it. Only you and moderators still see it."
ELSEWHERE: Final = "You may also turn to a certified out-of-court dispute settlement body, or to a court."


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule, and what it protects from; `category` is null where texts are not judged by category."""

    policy: str
    version: int
    revision: int
    rule: str
    reason: str
    category: str | None
    source: str | None
    explanation: str


@dataclass(frozen=True, slots=True)
class Statement:
    """`detected_by_machine` and `decided_by_machine` say where no person had a part. `lacks` says why `ground.source`, `facts`
    or `appeal_until` cannot be told."""

    decision_id: int
    decided_at: datetime
    restriction: Restriction
    duration: Duration
    subject_kind: str
    subject_id: int | None
    prompted_by: Prompt
    detected_by_machine: bool
    decided_by_machine: bool
    ground: Rule
    facts: Mapping[str, Any]
    appeal_until: datetime | None
    elsewhere: str
    lacks: str | None


@dataclass(frozen=True, slots=True)
class _Found:
    """`ground` is the decision that found fault with the text, if it is not the one that restricts. `because` is the listed
    reason of a removal, or empty."""

    restriction: Restriction
    ground: DecisionRecord
    kind: str
    id: int | None
    item: QueueItem | None = None
    because: str = ""


def read_statement(*, reader: User, decision_id: int) -> Statement:
    """Raises DecisionRecord.DoesNotExist, also for a decision that restricts the reader in nothing."""
    record = DecisionRecord.objects.get(pk=decision_id)
    found = _restriction(reader, record)
    if found is None:
        raise DecisionRecord.DoesNotExist
    view = view_decision(found.ground, facts=facts_for_parties(found.ground))
    by_person = found.restriction in {"removal", "rejected_appeal"}
    is_text = found.ground.policy == PROFILES
    return Statement(
        decision_id=record.pk,
        decided_at=record.decided_at,
        restriction=found.restriction,
        duration=LASTS[found.restriction],
        subject_kind=found.kind,
        subject_id=found.id,
        prompted_by=_prompt(found),
        detected_by_machine=is_text,
        decided_by_machine=not by_person,
        ground=_rule(found, view),
        facts=view.facts,
        appeal_until=_appeal_until(reader, record, found),
        elsewhere=ELSEWHERE,
        lacks=view.lacks,
    )


def refuses(policy: str, outcome: str, *, most_permissive: str) -> bool:
    """Whether this outcome keeps somebody from what they wanted to do."""
    passing = {PROFILES: PASSING, STRIKES: PASSING | {"hold"}}.get(policy, frozenset({most_permissive}))
    return policy not in CHOOSING and outcome not in passing


def _restriction(reader: User, record: DecisionRecord) -> _Found | None:
    found = _of_others(reader, record)
    if found is None and record.actor_id == reader.pk:
        found = _of_own(record)
    return found


def _of_others(reader: User, record: DecisionRecord) -> _Found | None:
    """What somebody else's decision restricts the reader in."""
    number = record.subject_id
    if number is None:
        return None
    match record.policy, record.subject_kind, record.outcome:
        case "confirmation", "order", _ if "lock_chat" in _obligations(record):
            return _Found("lock", record, "order", number) if reader.pk in both_of_order(number) else None
        case "moderation_queue", "queue_item", "allow" if record.facts.get("action") == "resolve":
            item = QueueItem.objects.filter(pk=number, author=reader, verdict=Verdict.UPHOLD).first()
            return _removal(item, record) if item else None
        case "appeals", "appeal", "allow":
            return _by_appeal(reader, record, number)
    return None


def _by_appeal(reader: User, record: DecisionRecord, appeal_id: int) -> _Found | None:
    appeal = Appeal.objects.select_related("item__decision").get(pk=appeal_id)
    if appeal.state == AppealState.OVERTURNED and appeal.report_id and appeal.author_id == reader.pk:
        return _removal(appeal.item, record) if appeal.item else None
    if appeal.state == AppealState.UPHELD and appeal.appellant_id == reader.pk:
        return _Found("rejected_appeal", record, "appeal", appeal.pk, appeal.item)
    return None


def _removal(item: QueueItem, ruling: DecisionRecord) -> _Found:
    """What a reader reported was found by the moderator; who reported it stays untold."""
    ground = ruling if item.flagged_for == REPORTED else item.decision
    because = ruling.facts.get("because", "")
    return _Found("removal", ground, item.thread_kind, item.thread_id, item, because)


def _of_own(record: DecisionRecord) -> _Found | None:
    restriction: Restriction | None = None
    if _refuses(record):
        restriction = "refusal"
    elif "hold" in _obligations(record):
        restriction = "hold"
    return _Found(restriction, record, record.subject_kind, record.subject_id) if restriction else None


def _refuses(record: DecisionRecord) -> bool:
    return refuses(record.policy, record.outcome, most_permissive=_most_permissive(record))


def _most_permissive(record: DecisionRecord) -> str:
    try:
        versions = bundle_of(record).policies[record.policy]
    except (TextUnavailable, KeyError):
        return "allow"
    version = versions.by_number.get(record.version)
    return version.outcomes[0] if version else "allow"


def _obligations(record: DecisionRecord) -> frozenset[str]:
    return frozenset((record.answer or {}).get("obligations", ()))


def _prompt(found: _Found) -> Prompt:
    if found.item is not None and found.item.flagged_for == REPORTED:
        return "report"
    return "own_initiative" if found.ground.policy in {PROFILES, STRIKES} else "request"


def _rule(found: _Found, view: DecisionView) -> Rule:
    return Rule(
        policy=view.policy,
        version=view.version,
        revision=view.revision,
        rule=view.rule,
        reason=view.reason,
        category=_category(found),
        source=view.source,
        explanation=REMOVED if found.restriction == "removal" else view.message,
    )


def _category(found: _Found) -> str | None:
    """What the moderator chose, what the rule is named after, the category of the strongest signal, or what the first report
    says."""
    ground = found.ground
    if found.because:
        return found.because
    if ground.policy == PROFILES and (named := category_of_rule(ground.rule)):
        return named
    signals = ground.facts.get("signals", []) if ground.policy == PROFILES else []
    if found.restriction == "removal" and found.item is not None:
        signals = signals or found.item.signals
    own = [signal for signal in signals if not (signal["reported"] or signal["quoted"])]
    strongest = max(own or signals, key=lambda signal: signal["score"], default=None)
    if strongest:
        return str(strongest["category"])
    reported = found.item.reports.order_by("pk").first() if found.item else None
    return reported.because if reported and found.restriction == "removal" else None


def _appeal_until(reader: User, record: DecisionRecord, found: _Found) -> datetime | None:
    """Until when the reader may appeal, by the policy `appeals` of the bundle that decided. None if not at all."""
    fate = _fate(found)
    if fate is None:
        return None
    facts = appeal_facts(
        "appeal", actor=reader, author_id=reader.pk, fate=fate, decided_at=record.decided_at
    ) | {"actor_role": "buyer"}  # a role may change, and a statement never does
    try:
        decision = bundle_of(record).decide("appeals", facts, now=record.decided_at, superset=True)
    except (TextUnavailable, UnknownPolicy, PolicyNotInForce):
        return None
    return decision.outputs.get("appeal_until") if decision.permits else None


def _fate(found: _Found) -> AppealFate | None:
    if found.restriction == "removal":
        return "removed"
    if found.restriction == "hold":
        return "held"
    return "blocked" if found.restriction == "refusal" and found.ground.policy == PROFILES else None
