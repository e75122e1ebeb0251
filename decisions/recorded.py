"""The ids of the decisions that the current request recorded, for the header of its response."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from django.db import connection

HEADER: Final = "Comity-Decision"


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    committed: list[int] = field(default_factory=list)


_request: ContextVar[_Request | None] = ContextVar("recording_request", default=None)


@dataclass(frozen=True, slots=True)
class _Commit:
    """A callback of the transaction. Django drops it if the transaction, or its savepoint, is rolled back."""

    request: _Request
    record_id: int

    def __call__(self) -> None:
        self.request.committed.append(self.record_id)


@contextmanager
def collecting() -> Iterator[None]:
    token = _request.set(_Request())
    try:
        yield
    finally:
        _request.reset(token)


def note_record(record_id: int) -> None:
    request = _request.get()
    if request is not None:
        connection.on_commit(_Commit(request, record_id))


def recorded_header() -> str:
    """The ids in the order of the decisions, including those that an open transaction is about to commit; may be empty."""
    request = _request.get()
    if request is None:
        return ""
    callbacks = [entry[1] for entry in connection.run_on_commit]
    open_ = [call.record_id for call in callbacks if isinstance(call, _Commit) and call.request is request]
    return ", ".join(map(str, [*request.committed, *open_]))
