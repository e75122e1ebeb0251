"""Idempotency-Key: a POST of a signed-in caller that is sent again has one effect and gets the same answer.

The row of the key is written in the transaction of the effect, which therefore stays open until the answer is
there. Both surfaces come here through api.admission; IdempotencyMiddleware is what holds a request together.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import BinaryIO, Final

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api.envelope import is_of_type
from api.models import IdempotencyKey
from api.problems import Problem, not_found, respond
from api.translation import problem_of
from decisions import Denied
from documents.strict_json import StrictJSONError, parse_json
from marketplace.accounts.models import User
from marketplace.transactions import Enclosure, enclosed

KEPT: Final = timedelta(hours=24)
REPLAYED: Final = "Idempotency-Replayed"
ABANDONED: Final = timedelta(minutes=10)
"""After so long without an answer, a request in steps was killed between two of them."""
IN_USE: Final = "55P03"  # PostgreSQL: somebody held the row for longer than `lock_timeout`
CHUNK: Final = 64 * 1024
_ACCEPTED_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


class Replayed(Exception):
    """This was answered before."""

    def __init__(self, row: IdempotencyKey) -> None:
        super().__init__(f"answered under idempotency key {row.pk}")
        self.row = row

    def respond(self) -> HttpResponse:
        headers = {REPLAYED: "true"}
        return HttpResponse(
            self.row.body, status=self.row.status, content_type=self.row.content_type, headers=headers
        )


class Attempt:
    """One request with a key, from the moment its caller is known."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.error: Exception | None = None
        self.subject = ""
        self.enclosure = Enclosure(self._claim)
        self._actor: User | None = None
        self._fingerprint = ""
        self._is_whole = True  # the fingerprint: a file is not part of it before it is received
        self._earlier: IdempotencyKey | None = None
        self._claimed = uuid.uuid4().hex
        self._is_first = False

    def recognize(self, request: HttpRequest, actor: User, *, in_steps: bool) -> None:
        """Raises Replayed, or a Problem where the key stands for another request."""
        if not _ACCEPTED_KEY.fullmatch(self.key):
            raise Problem("bad-request", "An Idempotency-Key is 1 to 255 visible ASCII characters.")
        self._actor = actor
        self._is_whole = _is_json(request)
        self._fingerprint = fingerprint(request)
        row = self._rows().exclude(outdated(timezone.now())).first()
        if row is not None:
            self._judge(row)
        if in_steps:
            self.enclosure.stands_aside = True
            with transaction.atomic(durable=True):
                self._claim()

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
        if self.enclosure.stands_aside:
            self._finish_steps(response)
            return
        if self._actor is not None and response.status_code < 400 and self.error is None:
            self.enclosure.open()
        if not (self.enclosure.is_open and self._is_first):
            return
        if response.status_code < 500:
            self._store(response)
            self.enclosure.commit()
        elif isinstance(self.error, Denied):
            self._mine().delete()
            self.enclosure.commit()

    def _finish_steps(self, response: HttpResponse) -> None:
        """The last step; a key of steps that came to nothing can be used again."""
        if self._is_first and response.status_code < 400:
            self._store(response)
        elif self._is_first:
            self._mine().delete()

    def _store(self, response: HttpResponse) -> None:
        self._mine().update(
            fingerprint=self._fingerprint,
            status=response.status_code,
            content_type=response["Content-Type"],
            body=response.content.decode(),
            subject=self.subject,
        )

    def _claim(self) -> None:
        """Waits for whoever is at work under the same key, and takes its answer."""
        assert self._actor is not None
        self._is_first = False
        now = timezone.now()
        self._rows().filter(outdated(now)).delete()
        row = IdempotencyKey(
            actor=self._actor,
            key=self.key,
            fingerprint=self._fingerprint,
            claim=self._claimed,
            created_at=now,
        )
        try:
            IdempotencyKey.objects.bulk_create([row], ignore_conflicts=True)
            kept = self._rows().select_for_update().get()
        except IdempotencyKey.DoesNotExist as error:  # whoever had it has just let it go
            raise _in_progress() from error
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) == IN_USE:
                raise _in_progress() from error
            raise
        if kept.claim != self._claimed:
            self._judge(kept)
        self._is_first = kept.claim == self._claimed

    def _judge(self, row: IdempotencyKey) -> None:
        if row.status is not None and not self._is_whole:
            self._earlier = row  # judged once the file is here
            return
        if row.fingerprint != self._fingerprint:
            raise Problem(
                "idempotency-key-reused", "This key was sent with another request; take a new one for this."
            )
        if row.status is None:
            raise _in_progress()
        raise Replayed(row)

    def _rows(self) -> QuerySet[IdempotencyKey]:
        return IdempotencyKey.objects.filter(actor=self._actor, key=self.key)

    def _mine(self) -> QuerySet[IdempotencyKey]:
        return self._rows().filter(claim=self._claimed)


def _in_progress() -> Problem:
    return Problem(
        "request-in-progress", "A request with this key is at work just now.", headers={"Retry-After": "2"}
    )


_attempt: ContextVar[Attempt | None] = ContextVar("idempotent_attempt", default=None)


def recognize(request: HttpRequest, user: User | None, *, in_steps: bool = False) -> None:
    """Called where a request was admitted. Keys of callers who are not signed in are ignored. What is done `in_steps`,
    such as an upload to a storage, has no one transaction: its key is claimed first and its answer stored last."""
    attempt = _attempt.get()
    if attempt is not None and user is not None:
        attempt.recognize(request, user, in_steps=in_steps)


def recognize_file(file: BinaryIO, name: str) -> None:
    """Called where the file of a form was received, before anything is done with it."""
    attempt = _attempt.get()
    if attempt is not None:
        attempt.recognize_file(file, name)


def answer_about(subject: str) -> None:
    """Says what the texts in the coming answer are of, so that `forget_answers` finds it."""
    attempt = _attempt.get()
    if attempt is not None:
        attempt.subject = subject


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
            _attempt.reset(token)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        attempt = _attempt.get()
        if attempt is not None:
            attempt.error = error
        return error.respond() if isinstance(error, Replayed) else None


def outdated(now: datetime) -> Q:
    return Q(created_at__lt=now - KEPT) | Q(status=None, created_at__lt=now - ABANDONED)


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
    return IdempotencyKey.objects.filter(outdated(now)).delete()[0]


def forget_answers(*, user_id: int, subject: str) -> None:
    """For what was erased: what is sent again still has no second effect, but is answered that there is nothing."""
    gone = respond(not_found())
    IdempotencyKey.objects.filter(actor_id=user_id, subject=subject).update(
        status=gone.status_code, content_type=gone["Content-Type"], body=gone.content.decode(), subject=""
    )


def forget_keys(*, user_id: int) -> int:
    """For the erasure of an account: what was answered holds texts."""
    return IdempotencyKey.objects.filter(actor_id=user_id).delete()[0]
