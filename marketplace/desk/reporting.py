"""A reader reports somebody else's text: decided and recorded, once, and the text joins the queue."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeVar

from decisions import Denied, Subject, decide_on_record, foresee
from decisions.models import DecisionRecord
from marketplace.accounts.models import User
from marketplace.chats.models import Message
from marketplace.chats.queries import access_chat_as_party
from marketplace.chats.queries import messages_of as messages_of_chat
from marketplace.disputes.models import DisputeMessage
from marketplace.disputes.queries import access_dispute
from marketplace.disputes.queries import messages_of as messages_of_dispute
from marketplace.guards import Guard
from marketplace.moderation.detection import Examined, examine
from marketplace.moderation.facts import appeal_facts, mode_of, moderation_facts
from marketplace.moderation.models import REPORTED, Because, Kind, QueueItem, Report
from marketplace.moderation.services import POLICY as PROFILES
from marketplace.moderation.services import kept_signals
from marketplace.moderation.thread import Thread
from marketplace.reviews.models import Review
from marketplace.reviews.queries import reviews_of
from marketplace.transactions import patiently, write

POLICY: Final = "appeals"
Reportable = Literal["chat_message", "review", "dispute_message"]
Row = Message | Review | DisputeMessage
R = TypeVar("R", Message, Review, DisputeMessage)

ONE_REPORT = Guard(
    constraints=frozenset({"one_report_per_reader_and_text"}),
    columns=frozenset({"moderation_report.reporter_id, moderation_report.kind, moderation_report.text_id"}),
    code="reported-before",
    message="You have reported this already.",
)


@dataclass(frozen=True, slots=True)
class _Seen:
    row: Row
    author_id: int
    thread: Thread


def report_text(*, reader: User, kind: Reportable, text_id: int, because: Because, now: datetime) -> Report:
    """Raises DoesNotExist of the text's model, also for a text that the reader may not see; Refused; or Denied after the record
    of the refusal is committed."""
    examined = examine(_seen(reader, kind, text_id).row.text)
    return patiently(lambda: _report(examined, reader, kind, text_id, because, now), guard=ONE_REPORT)


def _report(
    examined: Examined, reader: User, kind: Reportable, text_id: int, because: Because, now: datetime
) -> Report:
    with write():
        seen = _seen(reader, kind, text_id, locked=True)
        mine = Report.objects.filter(reporter=reader, kind=kind, text_id=text_id)
        facts = appeal_facts(
            "report",
            actor=reader,
            author_id=seen.author_id,
            fate="waiting",
            decided_at=now,
            done_before=mine.exists(),
        )
        subject = Subject(kind=kind, id=text_id, actor_id=reader.pk)
        decision, record = decide_on_record(POLICY, facts, now=now, subject=subject)
        if decision.permits:
            return Report.objects.create(
                reporter=reader,
                kind=kind,
                text_id=text_id,
                author_id=seen.author_id,
                item=seen.row.queue_item or _queue(seen, kind, examined, record, now),
                because=because,
                at=now,
            )
    raise Denied(decision)


def _queue(
    seen: _Seen, kind: Reportable, examined: Examined, record: DecisionRecord, now: datetime
) -> QueueItem:
    found = examined.findings
    judged = foresee(PROFILES, moderation_facts(mode=mode_of(kind), findings=found, insults=()), now=now)
    item = QueueItem.objects.create(
        kind=kind,
        thread_kind=seen.thread.kind,
        thread_id=seen.thread.id,
        author_id=seen.author_id,
        decision=record,
        flagged_for=REPORTED,
        message_shown="",
        urgent=bool(judged.outputs.get("urgent")),
        held=False,
        language=found.language,
        signals=kept_signals(found.signals),
        created_at=now,
    )
    type(seen.row)._default_manager.filter(pk=seen.row.pk).update(queue_item=item)
    return item


def _seen(reader: User, kind: Reportable, text_id: int, *, locked: bool = False) -> _Seen:
    """The text, if the reader may see it. Locked, nobody else can put it into the queue meanwhile."""
    match kind:
        case Kind.REVIEW:
            review = _lock(Review, text_id, locked)
            reviews_of(review.product, reader=reader).get(pk=text_id)
            return _Seen(review, review.buyer_id, Thread("product", review.product_id))
        case Kind.DISPUTE_MESSAGE:
            sent = _lock(DisputeMessage, text_id, locked)
            dispute = access_dispute(reader, sent.dispute_id)
            messages_of_dispute(dispute, reader=reader).get(pk=text_id)
            return _Seen(sent, sent.author_id, Thread("order", dispute.order_id))
        case _:
            message = _lock(Message, text_id, locked)
            chat = access_chat_as_party(reader, message.chat_id)
            messages_of_chat(chat, reader=reader).get(pk=text_id)
            return _Seen(message, message.author_id, Thread("chat", chat.pk))


def _lock(model: type[R], text_id: int, locked: bool) -> R:
    rows = model._default_manager.all()
    return (rows.select_for_update(no_key=True) if locked else rows).get(pk=text_id)
