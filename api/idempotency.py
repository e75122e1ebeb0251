"""Idempotency-Key: a signed-in caller can send a POST again; it has one effect and gets the same response.

The row of the key is written in the transaction of the effect, which stays open until the response exists. Work in several
steps (`write(step=…)`) claims the key under a lease in its first step. Each step renews the lease, and the last one stores the
response. If the worker dies, the key is free when the lease ends; if the worker is slower than its lease and another one takes
the key, the slow one has no effect. Both surfaces call this through api.admission; IdempotencyMiddleware manages the request.
"""

import hashlib
import json
import math
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Final

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api.auth import CHALLENGE
from api.envelope import is_of_type
from api.error_mapping import problem_of
from api.keys import read_key
from api.models import AnswerSubject, IdempotencyKey
from api.problems import Problem, not_found, respond
from api.subjects import USER, Subject, are_there
from decisions import BundleUnavailable, Denied, bundles
from decisions.recorded import HEADER, recorded_header
from documents.strict_json import StrictJSONError, parse_json
from marketplace.accounts.models import User
from marketplace.accounts.queries import lock_open
from marketplace.transactions import Enclosure, check_writes, checking_writes, enclosed, patiently

log = structlog.get_logger(__name__)

KEPT: Final = timedelta(hours=24)
REPLAYED: Final = "Idempotency-Replayed"
IN_USE: Final = "55P03"  # PostgreSQL: another request held the row for longer than `lock_timeout`
CHUNK: Final = 64 * 1024
NO_STEP: Final = timedelta()
LONGEST_LEASE: Final = timedelta(minutes=10)
"""A lease that ends later was written before the clock was set back."""
_unreleased: Final[deque[QuerySet[IdempotencyKey]]] = deque(maxlen=1_000)
"""Keys of failed work that could not be released because the database was down."""


class Replayed(Exception):
    """The request was answered before."""

    def __init__(self, row: IdempotencyKey) -> None:
        super().__init__(f"answered under idempotency key {row.pk}")
        self.row = row

    def respond(self) -> HttpResponse:
        headers = {**self.row.headers, REPLAYED: "true"}
        return HttpResponse(
            self.row.body, status=self.row.status, content_type=self.row.content_type, headers=headers
        )


class Attempt:
    """One request with a key, from when its caller is known."""

    def __init__(self, written: str) -> None:
        self.written = written
        self.key = ""
        self.error: Exception | None = None
        self.subjects: set[Subject] = set()
        self.enclosure = Enclosure(self._claim, self._step)
        self._actor: User | None = None
        self._fingerprint = ""
        self._is_whole = True  # the fingerprint; it does not include a file until the file is received
        self._earlier: IdempotencyKey | None = None
        self._row: IdempotencyKey | None = None
        self._claimed = uuid.uuid4().hex
        self._is_first = False
        self._in_steps = False

    def recognize(self, request: HttpRequest, actor: User) -> None:
        """Raises Replayed, or a Problem if the key belongs to another request."""
        self.key = read_key(self.written)
        _release_what_is_left()
        self._actor = actor
        self._is_whole = _is_json(request)
        self._fingerprint = fingerprint(request)
        row = self._rows().exclude(outdated(timezone.now())).first()
        if row is not None:
            self._judge(row)

    def recognize_file(self, file: BinaryIO, name: str) -> None:
        """Raises Replayed, or a Problem if the key belongs to another file."""
        content = hashlib.sha256()
        file.seek(0)
        while chunk := file.read(CHUNK):
            content.update(chunk)
        file.seek(0)
        named = name.encode(errors="replace")
        self._fingerprint = _digest(self._fingerprint.encode(), named, content.digest())
        self._is_whole = True
        if self._earlier is not None:
            self._judge(self._earlier)

    def finish(self, response: HttpResponse) -> None:
        """Commit the effect with its response. A failure on our side is not stored, so the request can be repeated."""
        succeeded = self._actor is not None and response.status_code < 400 and self.error is None
        if succeeded or (self._in_steps and response.status_code < 500):
            self.enclosure.open()
        if not (self.enclosure.is_open and self._is_first):
            return
        if response.status_code < 500:
            self._store(response)
            self.enclosure.commit()
            self._in_steps = False
        elif isinstance(self.error, Denied):
            self._mine().delete()
            self.enclosure.commit()

    def release(self) -> None:
        """Release the key of failed steps, after everything else, so that it can be used again."""
        if self._in_steps and not _release(self._mine()):
            _unreleased.append(self._mine())

    def _store(self, response: HttpResponse) -> None:
        answer = _as_kept(response, _headers_of(response)) if are_there(self.subjects) else _gone()
        self._mine().update(fingerprint=self._fingerprint, **answer)
        AnswerSubject.objects.bulk_create(
            AnswerSubject(answer=self._row, kind=kind, number=number)
            for kind, number in sorted(self.subjects)
        )

    def _step(self, lasting: timedelta) -> None:
        self._claim(lasting)
        self._in_steps = True

    def _claim(self, lasting: timedelta = NO_STEP) -> None:
        """Wait for a request in progress under the same key, and take its response."""
        if self._actor is None:
            return
        expect_open(self._actor)
        self._is_first = False
        now = timezone.now()
        self._rows().filter(outdated(now)).delete()
        row = IdempotencyKey(
            actor=self._actor,
            key=self.key,
            fingerprint=self._fingerprint,
            claim=self._claimed,
            lease_ends_at=now + lasting,
            created_at=now,
        )
        try:
            IdempotencyKey.objects.bulk_create([row], ignore_conflicts=True)
            kept = self._rows().select_for_update().get()
        except IdempotencyKey.DoesNotExist as error:  # the holder has just released it
            raise _in_progress() from error
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) == IN_USE:
                raise _in_progress() from error
            raise
        if kept.claim != self._claimed:
            self._judge(kept)
        self._row = kept
        self._is_first = kept.claim == self._claimed
        if lasting:
            self._mine().update(lease_ends_at=now + lasting)

    def _judge(self, row: IdempotencyKey) -> None:
        if not self._is_whole:
            if row.status is None:
                raise _in_progress(until=row.lease_ends_at)
            self._earlier = row  # compared once the file is here
            return
        if row.fingerprint != self._fingerprint:
            raise Problem("idempotency-key-reused", "This key was used for another request; use a new one.")
        if row.status is None:
            raise _in_progress(until=row.lease_ends_at)
        raise Replayed(row)

    def _rows(self) -> QuerySet[IdempotencyKey]:
        return IdempotencyKey.objects.filter(actor=self._actor, key=self.key)

    def _mine(self) -> QuerySet[IdempotencyKey]:
        return self._rows().filter(claim=self._claimed)


def _in_progress(*, until: datetime | None = None) -> Problem:
    """`until` is when the key becomes free unless its holder renews the lease."""
    seconds = 2 if until is None else max(1, math.ceil((until - timezone.now()).total_seconds()))
    return Problem(
        "request-in-progress",
        "A request with this key is in progress.",
        headers={"Retry-After": str(seconds)},
    )


def _release(keys: QuerySet[IdempotencyKey]) -> bool:
    """Whether the database could be reached. If the response was stored after all, the key stays."""
    try:
        patiently(keys.filter(status=None).delete, repeatable=True)
    except (DatabaseError, InterfaceError) as error:
        log.warning("idempotency_key_not_released", problem=type(error).__name__)
        return False
    return True


def _release_what_is_left() -> None:
    with suppress(IndexError):
        while True:
            keys = _unreleased.popleft()
            if not _release(keys):
                _unreleased.append(keys)
                return


_attempt: ContextVar[Attempt | None] = ContextVar("idempotent_attempt", default=None)


def recognize(request: HttpRequest, user: User | None) -> None:
    """Called once a request is admitted: from now on its writes need an open account. Keys of anonymous callers are ignored."""
    if user is None:
        return
    check_writes(lambda: expect_open(user))
    attempt = _attempt.get()
    if attempt is not None:
        attempt.recognize(request, user)


def expect_open(user: User) -> None:
    """An account that was erased since the request was admitted stores nothing any more. Raises Problem."""
    if not lock_open(user.pk):
        raise Problem("invalid-token", "This account is closed.", headers=CHALLENGE)


def recognize_file(file: BinaryIO, name: str) -> None:
    """Called once the file of a form is received, before it is processed."""
    attempt = _attempt.get()
    if attempt is not None:
        attempt.recognize_file(file, name)


def answer_about(*subjects: Subject) -> None:
    """Record whose data the response contains, besides the caller's, so that it is erased with them."""
    attempt = _attempt.get()
    if attempt is not None:
        attempt.subjects.update(subjects)


class IdempotencyMiddleware:
    """The innermost middleware: it must see what a view raises before it becomes a problem document."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with checking_writes():
            key = request.headers.get("Idempotency-Key")
            if request.method != "POST" or key is None:
                return self.get_response(request)
            return self._attempt(request, Attempt(key))

    def _attempt(self, request: HttpRequest, attempt: Attempt) -> HttpResponse:
        token = _attempt.set(attempt)
        try:
            with enclosed(attempt.enclosure):
                response = self.get_response(request)
                attempt.finish(response)
                return response
        except Replayed as replayed:
            return replayed.respond()
        except (Problem, OperationalError, InterfaceError) as error:
            problem = problem_of(error)
            assert problem is not None
            return respond(problem)
        finally:
            attempt.release()
            _attempt.reset(token)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        attempt = _attempt.get()
        if attempt is not None:
            attempt.error = error
        return error.respond() if isinstance(error, Replayed) else None


def outdated(now: datetime) -> Q:
    leased = Q(lease_ends_at__gte=now, lease_ends_at__lte=now + LONGEST_LEASE)
    return Q(created_at__lt=now - KEPT) | (Q(status=None) & ~leased)


def fingerprint(request: HttpRequest) -> str:
    """Compares JSON by content. Other bodies, such as a file in transit, are added by `recognize_file`."""
    body = _canonical(request.body) if _is_json(request) else b""
    return _digest((request.method or "").encode(), request.get_full_path().encode(), body)


def _is_json(request: HttpRequest) -> bool:
    return is_of_type(request) or not request.content_type


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _canonical(body: bytes) -> bytes:
    try:
        value = parse_json(body) if body.strip() else {}
    except StrictJSONError:
        return body
    return json.dumps(value, sort_keys=True).encode()


def prune_keys(*, now: datetime) -> int:
    """Delete expired keys and return how many."""
    return _delete(IdempotencyKey.objects.filter(outdated(now)))


def forget_answers(*, kind: str, number: int) -> int:
    """Delete the stored responses about an erased subject, whoever the caller was. A repeated request still has no second
    effect, and gets 404. Call it in the transaction of the erasure."""
    about = AnswerSubject.objects.filter(kind=kind, number=number)
    return IdempotencyKey.objects.filter(pk__in=about.values("answer")).update(**_gone())


def forget_keys(*, user_id: int) -> int:
    """For the erasure of an account: its stored responses contain text, and so do responses to others about it."""
    own = _delete(IdempotencyKey.objects.filter(actor_id=user_id))
    return own + forget_answers(kind=USER, number=user_id)


def _delete(keys: QuerySet[IdempotencyKey]) -> int:
    """The number of keys deleted; subjects cascade and are not counted."""
    return keys.delete()[1].get(IdempotencyKey._meta.label, 0)


def _as_kept(response: HttpResponse, headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "status": response.status_code,
        "content_type": response["Content-Type"],
        "headers": dict(headers),
        "body": response.content.decode(),
    }


def _headers_of(response: HttpResponse) -> dict[str, str]:
    """With those that an outer middleware adds: the digest of the deciding bundle, and the recorded decisions."""
    headers = {name: value for name, value in response.headers.items() if name != "Content-Type"}
    with suppress(BundleUnavailable):
        headers["Comity-Bundle"] = bundles.current().digest
    if recorded := recorded_header():
        headers[HEADER] = recorded
    return headers


def _gone() -> dict[str, Any]:
    return _as_kept(respond(not_found()), {})
