"""Chains the stored decision records: each head is a signed hash of every record up to it. Nothing waits for it.

Records are chained in the order of their ids. Ids are not given in the order of commits, so on PostgreSQL a head ends where no
running transaction can still add a record.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db import IntegrityError, connection, models, transaction
from django.db.models import Max
from django.db.models.functions import Cast

from decisions import outside
from decisions.fields import ExactJSONField, canonical
from decisions.models import DecisionRecord, LogHead
from decisions.signing import sign_head

START: Final = "0" * 64
CHUNK: Final = 2_000
MOST: Final = 20_000
"""Records of one head, so that a sealer that is killed has not worked in vain."""
WAIT_SECONDS: Final = 2
POLL_SECONDS: Final = 0.05

WRITERS: Final = """
    SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND relation = %s::regclass AND database =
    (SELECT oid FROM pg_database WHERE datname = current_database())
    AND mode = 'RowExclusiveLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()
"""
"""A transaction takes this lock on the table before it draws an id, and holds it until it ends."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far the chain has come: the link of the last record, and how many there are, pruned ones included."""

    upto: int = -(2**63) - 1  # before every id that the column can hold
    count: int = 0
    link: str = START


def seal_log(*, now: datetime) -> int:
    """Returns the number of records that were sealed. If two processes seal at once, one leaves the rest to the other."""
    settled = settled_id()
    sealed = 0
    while settled is not None and (count := _seal_batch(settled, now)):
        sealed += count
    outside.send_newest_head()
    return sealed


def _seal_batch(settled: int, now: datetime) -> int:
    last = LogHead.objects.order_by("-number").first()
    before = Position(last.upto, last.count, last.link) if last else Position()
    after = follow(before, settled, most=MOST)
    if after.count == before.count:
        return 0
    head = LogHead(
        number=last.number + 1 if last else 1,
        upto=after.upto,
        count=after.count,
        link=after.link,
        made_at=now,
    )
    sign_head(head)
    try:
        with transaction.atomic():
            head.save(force_insert=True)
    except IntegrityError:
        return 0
    return after.count - before.count


def follow(
    position: Position,
    upto: int,
    *,
    most: int | None = None,
    step: Callable[[int], None] = lambda count: None,
) -> Position:
    """The position after the records up to an id, or after the first `most` of them. `step` is told the size of each page that
    was read: no transaction stays open, and memory does not grow."""
    left = most
    while left is None or left > 0:
        size = CHUNK if left is None else min(CHUNK, left)
        read = 0
        for row in _rows(position.upto, upto, size):
            read += 1
            pk = row["id"]
            assert isinstance(pk, int)
            position = Position(pk, position.count + 1, link(position.link, row))
        step(read)
        if read < size:
            break
        left = None if left is None else left - read
    return position


def link(previous: str, row: Mapping[str, object]) -> str:
    """The hash of the previous link and of everything that is stored in the record. Empty columns are left out, so that a column
    that is added later changes no link."""
    said = {name: _plain(value) for name, value in row.items() if value is not None and value != ""}
    return hashlib.sha256(f"{previous}\n{canonical(said)}".encode()).hexdigest()


def _rows(after: int, upto: int, most: int) -> Iterator[dict[str, object]]:
    """JSON columns as the text that is stored."""
    fields = DecisionRecord._meta.concrete_fields
    plain = [field.attname for field in fields if not isinstance(field, ExactJSONField)]
    texts = {
        f"{field.attname}_text": Cast(field.attname, models.TextField())
        for field in fields
        if isinstance(field, ExactJSONField)
    }
    rows = DecisionRecord.objects.filter(pk__gt=after, pk__lte=upto).order_by("pk")
    yield from rows.annotate(**texts).values(*plain, *texts)[:most]


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value


def head_that_seals(record: DecisionRecord) -> LogHead | None:
    """The first head that covers a record; None while it is not sealed yet."""
    return LogHead.objects.filter(upto__gte=record.pk).order_by("number").first()


def settled_id() -> int | None:
    """An id up to which no record can appear any more; None without records, or if a transaction keeps it open for too long."""
    last: int | None = DecisionRecord.objects.aggregate(last=Max("pk"))["last"]
    if last is None or connection.vendor != "postgresql":
        return last  # one writer at a time
    writing = _writers()
    deadline = time.monotonic() + WAIT_SECONDS
    while writing:
        if time.monotonic() > deadline:
            return None
        time.sleep(POLL_SECONDS)
        writing &= _writers()
    return last


def _writers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(WRITERS, [DecisionRecord._meta.db_table])
        return {transaction_ for (transaction_,) in cursor.fetchall()}
