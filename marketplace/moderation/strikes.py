"""Strikes: blocked texts of one author add up, and the policy `strikes` decides what becomes of the next text."""

import re
from datetime import datetime
from typing import Any, Final

from decisions import Subject, decide_on_record, foresee
from decisions.models import DecisionRecord
from detectors.signal import Findings
from engine import Decision
from marketplace.accounts.models import User
from marketplace.moderation.models import QueueItem, Strike
from marketplace.moderation.thread import Thread

POLICY: Final = "strikes"
MAX_STRIKES: Final = 20
ROW_OF_CATEGORY: Final = re.compile(r"[\w-]+\[\w+/(\w+)\]")


def category_of_rule(rule: str) -> str | None:
    """The category in `blocked[normal/threat]`: rules for each row of `thresholds` have it in their name."""
    row = ROW_OF_CATEGORY.fullmatch(rule)
    return row[1] if row else None


def category_of(rule: str, findings: Findings) -> str | None:
    """What a text was blocked for. None if only because nothing could judge it."""
    if named := category_of_rule(rule):
        return named
    own = [signal for signal in findings.signals if not (signal.reported or signal.quoted)]
    if findings.unavailable or not own:
        return None
    return max(own, key=lambda signal: signal.score).category


def add_strike(
    decision: Decision, record: DecisionRecord, findings: Findings, *, author: User, now: datetime
) -> bool:
    """Whether a text that was just blocked counts as one."""
    category = category_of(decision.rule, findings)
    if category is None:
        return False
    Strike.objects.create(author=author, category=category, record_id=record.pk, at=now)
    return True


def take_back_strike(*, record_id: int, now: datetime) -> int:
    return Strike.objects.filter(record_id=record_id, taken_back_at=None).update(taken_back_at=now)


def ask_strikes(*, author: User, thread: Thread, now: datetime) -> tuple[Decision, DecisionRecord] | None:
    """None for an author without strikes, whom the policy is not asked about."""
    strikes = _facts(author)
    if not strikes:
        return None
    subject = Subject(kind=thread.kind, id=thread.id, actor_id=author.pk)
    return decide_on_record(POLICY, {"strikes": strikes}, now=now, subject=subject)


def wants_review(*, author: User, now: datetime) -> bool:
    """Whether the policy would have a person look at what was blocked. Asking on record only then keeps the log short."""
    return "queue_review" in foresee(POLICY, {"strikes": _facts(author)}, now=now).obligations


def _facts(author: User) -> list[dict[str, Any]]:
    standing = Strike.objects.filter(author=author, taken_back_at=None).order_by("-at", "-pk")
    return [dict(strike) for strike in standing.values("category", "at")[:MAX_STRIKES]]


def queue_once(item: QueueItem) -> None:
    """Unless an item of the author's blocked texts waits already: a constraint says so."""
    QueueItem.objects.bulk_create([item], ignore_conflicts=True)


def drop_strikes(*, user_id: int) -> int:
    """For the erasure of an account."""
    return Strike.objects.filter(author_id=user_id).delete()[0]
