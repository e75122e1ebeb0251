"""The topics of this installation, loaded on first use and again when their file changes. A file that is broken, or that refers
to rules or parameters missing from the policies in force, changes nothing."""

import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings
from django.utils import timezone

from decisions import bundles
from documents.diagnostics import in_order
from engine import Diagnostic
from marketplace.assistant.answers.policies import POLICIES
from marketplace.assistant.answers.reading import Read, read_topics
from marketplace.assistant.answers.topics import Topics
from marketplace.assistant.answers.wording import check_wordings

log = structlog.get_logger(__name__)

FILE: Final = Path("assistant", "topics.yaml")


class TopicsUnavailable(Exception):
    """No topics have been loaded since this process started."""


@dataclass(frozen=True, slots=True)
class _Held:
    """The last good topics, and the signature and problems of the newest version of the file."""

    topics: Topics | None = None
    seen: tuple[int, int, int] | None = None
    problems: tuple[Diagnostic, ...] = ()


class TopicsFile:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._reading = threading.Lock()
        self._held = _Held()

    def topics(self) -> Topics:
        """Raises TopicsUnavailable."""
        self._look()
        if self._held.topics is None:
            raise TopicsUnavailable(f"{FILE} is missing or broken")
        return self._held.topics

    def problems(self) -> tuple[Diagnostic, ...]:
        """Problems of the file as it is now, and of the loaded topics against the policies in force now."""
        self._look()
        held = self._held
        return held.problems or (_misquotes(held.topics) if held.topics else ())

    def _look(self) -> None:
        seen = _sign(self.path)
        if self._held.seen == seen and seen is not None:
            return
        with self._reading:
            before = _render(self._held.problems)
            topics, problems = _read(self.path)
            self._held = _Held(topics or self._held.topics, seen, problems)
        if problems and _render(problems) != before:  # a missing file is checked on every question
            log.error("assistant_topics_broken", problems=_render(problems))


def _render(problems: tuple[Diagnostic, ...]) -> list[str]:
    return [problem.render() for problem in problems]


def _read(path: Path) -> Read:
    topics, problems = read_topics(path, explainable=POLICIES)
    problems = problems or (_misquotes(topics) if topics else ())
    return (None if problems else topics), problems


def _misquotes(topics: Topics) -> tuple[Diagnostic, ...]:
    """Without a bundle there is nothing to check against; another check reports that."""
    try:
        bundle = bundles.in_force()
    except bundles.BundleUnavailable:
        return ()
    return in_order(check_wordings(topics, explainable=POLICIES, bundle=bundle, now=timezone.now()))


def _sign(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


@cache
def _file_at(path: Path) -> TopicsFile:
    return TopicsFile(path)


def configured() -> TopicsFile:
    return _file_at(Path(settings.COMITY_POLICIES_DIR) / FILE)
