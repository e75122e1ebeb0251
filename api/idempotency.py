"""Idempotency-Key: a POST of a signed-in caller that is sent again has one effect and gets the same answer.

The row of the key is written in the transaction of the effect, which therefore stays open until the answer is
there. Work in steps (`write(step=…)`) claims the key with its first step under a lease, which each step renews, and
stores its answer in the transaction of the last. So a key whose work died is free when its lease ends, and work that
was slower than its lease has no effect once somebody else has the key. Both surfaces come here through api.admission;
IdempotencyMiddleware is what holds a request together.
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
from documents.strict_json import StrictJSONError, parse_json
from marketplace.accounts.models import User
from marketplace.transactions import Enclosure, enclosed, patiently

log = structlog.get_logger(__name__)

KEPT: Final = timedelta(hours=24)
REPLAYED: Final = "Idempotency-Replayed"
IN_USE: Final = "55P03"  # PostgreSQL: somebody held the row for longer than `lock_timeout`
CHUNK: Final = 64 * 1024
NO_STEP: Final = timedelta()
_unreleased: Final[deque[QuerySet[IdempotencyKey]]] = deque(maxlen=1_000)
"""Keys of failed work that could not be let go because the database was away."""


class Replayed(Exception):
    """This was answered before."""

    def __init__(self, row: IdempotencyKey) -> None:
        super().__init__(f"answered under idempotency key {row.pk}")
        self.row = row

    def respond(self) -> HttpResponse:
        headers = {**self.row.headers, REPLAYED: "true"}
        return HttpResponse(
            self.row.body, status=self.row.status, content_type=self.row.content_type, headers=headers
        )


class Attempt:
    """One request with a key, from the moment its caller is known."""

    def __init__(self, written: str) -> None:
        self.written = written
        self.key = ""
        self.error: Exception | None = None
        self.subjects: set[Subject] = set()
        self.enclosure = Enclosure(self._claim, self._step)
        self._actor: User | None = None
        self._fingerprint = ""
        self._is_whole = True  # the fingerprint: a file is not part of it before it is received
        self._earlier: IdempotencyKey | None = None
        self._row: IdempotencyKey | None = None
        self._claimed = uuid.uuid4().hex
        self._is_first = False
        self._in_steps = False

    def recognize(self, request: HttpRequest, actor: User) -> None:
        """Raises Replayed, or a Problem where the key stands for another request."""
        self.key = read_key(self.written)
        _release_what_is_left()
        self._actor = actor
        self._is_whole = _is_json(request)
        self._fingerprint = fingerprint(request)
        row = self._rows().exclude(outdated(timezone.now())).first()
        if row is not None:
            self._judge(row)

    def recognize_file(self, file: BinaryIO, name: str) -> None:
        """Raises Replayed, or a Problem where the key stands for another file."""
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
        """Commits the effect with its answer. What failed on our side keeps none, and can be sent again."""
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
        """Lets the key of steps that came to nothing go, after everything else: it can be used again."""
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
        """Waits for whoever is at work under the same key, and takes its answer."""
        if self._actor is None:
            return
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
            kept = self._rows().select_related("actor").select_for_update(of=("self",)).get()
        except IdempotencyKey.DoesNotExist as error:  # whoever had it has just let it go
            raise _in_progress() from error
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) == IN_USE:
                raise _in_progress() from error
            raise
        if not kept.actor.is_active:  # erased since the request was admitted: nothing of theirs may follow
            raise Problem("invalid-token", "This account was closed.", headers=CHALLENGE)
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
            self._earlier = row  # judged once the file is here
            return
        if row.fingerprint != self._fingerprint:
            raise Problem(
                "idempotency-key-reused", "This key was sent with another request; take a new one for this."
            )
        if row.status is None:
            raise _in_progress(until=row.lease_ends_at)
        raise Replayed(row)

    def _rows(self) -> QuerySet[IdempotencyKey]:
        return IdempotencyKey.objects.filter(actor=self._actor, key=self.key)

    def _mine(self) -> QuerySet[IdempotencyKey]:
        return self._rows().filter(claim=self._claimed)


def _in_progress(*, until: datetime | None = None) -> Problem:
    """`until` is when the key is free at the latest, unless whoever is at work is alive and goes on."""
    seconds = 2 if until is None else max(1, math.ceil((until - timezone.now()).total_seconds()))
    return Problem(
        "request-in-progress",
        "A request with this key is at work just now.",
        headers={"Retry-After": str(seconds)},
    )


def _release(keys: QuerySet[IdempotencyKey]) -> bool:
    """Whether the database could be asked. Where its answer was stored after all, the key stays."""
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
    """Called where a request was admitted. Keys of callers who are not signed in are ignored."""
    attempt = _attempt.get()
    if attempt is not None and user is not None:
        attempt.recognize(request, user)


def recognize_file(file: BinaryIO, name: str) -> None:
    """Called where the file of a form was received, before anything is done with it."""
    attempt = _attempt.get()
    if attempt is not None:
        attempt.recognize_file(file, name)


def answer_about(*subjects: Subject) -> None:
    """Says whose words the coming answer holds, or of what, beside those of the caller: it is forgotten with them."""
    attempt = _attempt.get()
    if attempt is not None:
        attempt.subjects.update(subjects)


class IdempotencyMiddleware:
    """The innermost one, so that it sees what a view raises before a problem is made of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get("Idempotency-Key")
        if request.method != "POST" or key is None:
            return self.get_response(request)
        attempt = Attempt(key)
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
    return Q(created_at__lt=now - KEPT) | Q(status=None, lease_ends_at__lt=now)


def fingerprint(request: HttpRequest) -> str:
    """JSON counts by what it says; another body, such as a file on its way, is added by `recognize_file`."""
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
    """Forgets what need not be kept any longer; says how many."""
    return _delete(IdempotencyKey.objects.filter(outdated(now)))


def forget_answers(*, kind: str, number: int) -> int:
    """For what is erased, whoever has the key: what is sent again still has no second effect, but is answered that there
    is nothing. Belongs into the transaction of the erasure."""
    about = AnswerSubject.objects.filter(kind=kind, number=number)
    return IdempotencyKey.objects.filter(pk__in=about.values("answer")).update(**_gone())


def forget_keys(*, user_id: int) -> int:
    """For the erasure of an account: what was answered holds texts, and so do answers to others."""
    own = _delete(IdempotencyKey.objects.filter(actor_id=user_id))
    return own + forget_answers(kind=USER, number=user_id)


def _delete(keys: QuerySet[IdempotencyKey]) -> int:
    """How many keys; their subjects go along uncounted."""
    return keys.delete()[1].get(IdempotencyKey._meta.label, 0)


def _as_kept(response: HttpResponse, headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "status": response.status_code,
        "content_type": response["Content-Type"],
        "headers": dict(headers),
        "body": response.content.decode(),
    }


def _headers_of(response: HttpResponse) -> dict[str, str]:
    """With the bundle that decided, which is named further out."""
    headers = {name: value for name, value in response.headers.items() if name != "Content-Type"}
    with suppress(BundleUnavailable):
        headers["Comity-Bundle"] = bundles.current().digest
    return headers


def _gone() -> dict[str, Any]:
    return _as_kept(respond(not_found()), {})
