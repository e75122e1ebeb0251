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
    committed: list["_Commit"] = field(default_factory=list)


_request: ContextVar[_Request | None] = ContextVar("recording_request", default=None)
_follows: ContextVar[bool] = ContextVar("recording_consequences", default=False)


@dataclass(frozen=True, slots=True)
class _Commit:
    """A callback of the transaction. Django drops it if the transaction, or its savepoint, is rolled back."""

    request: _Request
    record_id: int
    follows: bool

    def __call__(self) -> None:
        self.request.committed.append(self)


@contextmanager
def collecting() -> Iterator[None]:
    token = _request.set(_Request())
    try:
        yield
    finally:
        _request.reset(token)


@contextmanager
def consequences() -> Iterator[None]:
    """What is recorded inside follows from a refusal, which stays the last decision that the header names."""
    token = _follows.set(True)
    try:
        yield
    finally:
        _follows.reset(token)


def note_record(record_id: int) -> None:
    request = _request.get()
    if request is not None:
        connection.on_commit(_Commit(request, record_id, _follows.get()))


def recorded_header() -> str:
    """The ids in the order of the decisions, including those that an open transaction is about to commit; may be empty. What
    follows from a refusal stands before it."""
    request = _request.get()
    if request is None:
        return ""
    callbacks = [entry[1] for entry in connection.run_on_commit]
    open_ = [call for call in callbacks if isinstance(call, _Commit) and call.request is request]
    made = [*request.committed, *open_]
    asked = [call for call in made if not call.follows]
    listed = [*asked[:-1], *(call for call in made if call.follows), *asked[-1:]]
    return ", ".join(str(call.record_id) for call in listed)
