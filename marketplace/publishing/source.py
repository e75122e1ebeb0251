"""The published bundle in force as the source of policies: one poll a second in each server process, outside of requests."""

import os
import socket
import time
from collections.abc import Hashable
from typing import Final

import structlog
from django.db import DatabaseError, connection
from django.db.models import Exists
from django.http import HttpRequest
from django.utils import timezone

from decisions import bundles
from decisions.bundles import PolicySource
from decisions.texts import TextUnavailable
from documents.diagnostics import Diagnostic
from engine import Loaded
from marketplace.publishing.files import FOLDER
from marketplace.publishing.models import Activation, ServerProcess
from marketplace.publishing.queries import active, begun, standing_activations, unreviewed
from marketplace.publishing.standing import load_publication

log = structlog.get_logger(__name__)

DATABASE_DOWN: Final = "database-down"
BEAT_SECONDS: Final = 10
"""How often a process says that it lives. A change is said at once."""


class PublishedBundles(PolicySource):
    """Without an activation, nothing is in force."""

    poll_seconds = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.alarm = ""
        """What a page says while a break-glass activation is not reviewed."""
        self.number: int | None = None
        """The published bundle that this process decides with."""
        self._seen: Hashable = None
        self._said: tuple[str, str] | None = None
        self._said_at = 0.0
        self._is_cut_off = False

    def __str__(self) -> str:
        return "`manage.py policy list`: no published bundle is active"

    def signature(self) -> Hashable:
        """The activation in force and its digest. While the database is down, what it was."""
        try:
            found = (
                standing_activations()
                .filter(begun())
                .annotate(alarming=Exists(unreviewed()))
                .values_list("pk", "publication__digest", "alarming")
                .first()
            )
        except DatabaseError as error:
            connection.close()  # the next look gets a new one
            if not self._is_cut_off:
                log.error("bundle_in_force_unknown", error=str(error).partition("\n")[0])
            self._is_cut_off = True
            return self._seen
        self._is_cut_off = False
        self._seen = found and found[:2]
        self.alarm = describe_alarm() if found and found[2] else ""
        unread = any(problem.code == DATABASE_DOWN for problem in self.status().problems)
        return object() if unread else self._seen  # to be read again

    def read(self) -> Loaded:
        try:
            activation = active()
            if activation is None:
                hint = "`manage.py policy activate` puts an approved bundle in force"
                return _failed("nothing-active", "no published bundle is active", hint)
            loaded = bundles.usable(load_publication(activation.publication), FOLDER)
            if loaded.bundle is not None:
                self.number = activation.publication_id
            return loaded
        except TextUnavailable as error:
            return _failed("bundle-unreadable", str(error))
        except DatabaseError as error:
            return _failed(DATABASE_DOWN, f"the database does not answer: {type(error).__name__}")
        except Exception as error:  # any error keeps the last good bundle
            log.exception("bundle_unreadable")
            return _failed("bundle-unreadable", f"the bundle cannot be loaded: {type(error).__name__}")

    def looked(self) -> None:
        """Says what this process decides with."""
        status = self.status()
        problem = (
            f"{status.problems[0].file}:{status.problems[0].line}: {status.problems[0].message}"
            if status.problems
            else ""
        )
        said = (status.digest or "", problem)
        if said == self._said and time.monotonic() < self._said_at + BEAT_SECONDS:
            return
        try:
            _say(*said)
        except DatabaseError as error:
            connection.close()
            log.warning("process_not_listed", error=str(error).partition("\n")[0])
            return
        self._said, self._said_at = said, time.monotonic()


def alarm_of_pages(_: HttpRequest) -> dict[str, str]:
    """A context processor: what every page says until a break-glass activation is reviewed, without a query."""
    source = bundles.configured()
    return {"unreviewed_change": source.alarm if isinstance(source, PublishedBundles) else ""}


def follows_bundles() -> bool:
    """Whether this server decides with published bundles. Otherwise, activating one changes nothing here."""
    return isinstance(bundles.configured(), PublishedBundles)


def publication_in_force() -> int | None:
    """The published bundle that this process decides with; None if it takes its policies from a folder."""
    source = bundles.configured()
    return source.number if isinstance(source, PublishedBundles) else None


def refresh_alarm() -> None:
    """After a review, so that its author does not have to wait for the next poll of this process."""
    source = bundles.configured()
    if isinstance(source, PublishedBundles):
        source.alarm = describe_alarm()


def _say(digest: str, problem: str) -> None:
    now = timezone.now()
    values = {"pid": os.getpid(), "digest": digest, "problem": problem, "seen_at": now}
    ServerProcess.objects.update_or_create(
        name=f"{socket.gethostname()}:{os.getpid()}"[:100], defaults=values
    )


def describe_alarm() -> str:
    """A sentence for each break-glass activation that nobody has reviewed."""
    return " ".join(_sentence(activation) for activation in unreviewed().select_related("by"))


def _sentence(activation: Activation) -> str:
    by = f"user {activation.by_id}" if activation.by_id else "somebody without a token"
    moment = f"{activation.made_at:%Y-%m-%d %H:%M} UTC"
    return f"Bundle {activation.publication_id} was put in force by {by} at {moment}, without approval: {activation.reason}"


def _failed(code: str, message: str, hint: str | None = None) -> Loaded:
    return Loaded(None, (Diagnostic(FOLDER, 1, 1, code, message, hint),))
