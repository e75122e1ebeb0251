"""Keeps blocked texts for an appeal: sealed under their author's key, until their time is up or the author is erased."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from decisions import Subject, decide
from decisions.models import DecisionRecord
from decisions.sealing import Erased, Unopened, overwrite_deleted, seal_text, unseal_text
from marketplace.accounts.models import User
from marketplace.moderation.appeals import withdraw_appeals_about
from marketplace.moderation.facts import keeping_facts
from marketplace.moderation.models import BlockedText, KeptFor, Kind
from marketplace.moderation.thread import Thread
from marketplace.transactions import patiently, write

Place = Mapping[str, int | None]
"""What else is needed to deliver the text: the numbers that its author sent with it."""


@dataclass(frozen=True, slots=True)
class Kept:
    text: str = field(repr=False)
    place: Place


def keep_blocked(
    text: str,
    place: Place,
    *,
    kind: Kind,
    author: User,
    thread: Thread,
    record: DecisionRecord,
    now: datetime,
) -> BlockedText | None:
    """None if the policy keeps nothing. Call it in the transaction that records the refusal."""
    subject = Subject(kind="decision", id=record.pk, actor_id=author.pk)
    facts = keeping_facts(author=author)
    decision = decide("moderation_queue", facts, now=now, subject=subject, record=True, superset=True)
    if not decision.permits:
        return None
    sealed = json.dumps({"text": text, "place": dict(place)}, ensure_ascii=False)
    return BlockedText.objects.create(
        kind=kind,
        thread_kind=thread.kind,
        thread_id=thread.id,
        author=author,
        decision=record,
        sealed=seal_text(sealed, record_id=record.pk, author_id=author.pk),
        blocked_at=now,
        kept_until=decision.outputs["keep_until"],
    )


def read_kept(blocked: BlockedText) -> Kept:
    """Raises Erased or Unopened."""
    opened = unseal_text(bytes(blocked.sealed), record_id=blocked.decision_id, author_id=blocked.author_id)
    kept = json.loads(opened)
    return Kept(kept["text"], kept["place"])


def forget_blocked_texts(*, now: datetime) -> int:
    """Those whose time is up. An open appeal or a sample keeps its text."""
    over = BlockedText.objects.filter(kept_for=KeptFor.TIME, kept_until__lte=now)
    return patiently(lambda: _forget(over), repeatable=True)


def _forget(texts: QuerySet[BlockedText]) -> int:
    with write():
        overwrite_deleted()
        return texts.delete()[0]


def forget_blocked_in(*, owner_id: int, conversation_id: int) -> int:
    """For the owner of a conversation with the assistant, who deletes it."""
    overwrite_deleted()
    theirs = BlockedText.objects.filter(author_id=owner_id, kind=Kind.ASSISTANT_MESSAGE)
    said_there = [blocked for blocked in theirs if _is_in(blocked, conversation_id)]
    withdraw_appeals_about(decisions=[blocked.decision_id for blocked in said_there])
    return BlockedText.objects.filter(pk__in=[blocked.pk for blocked in said_there]).delete()[0]


def _is_in(blocked: BlockedText, conversation_id: int) -> bool:
    try:
        return read_kept(blocked).place.get("conversation_id") == conversation_id
    except (Erased, Unopened):
        return False


def forget_blocked_by(*, user_id: int) -> int:
    """For the erasure of an account: its sealed texts go, for whatever they were kept."""
    overwrite_deleted()
    return BlockedText.objects.filter(author_id=user_id).delete()[0]
