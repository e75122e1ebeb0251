"""The topics of this installation: read when first needed and when their file has changed; broken ones change nothing."""

import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings

from engine import Diagnostic
from marketplace.assistant.answers.affairs import POLICIES
from marketplace.assistant.answers.reading import read_topics
from marketplace.assistant.answers.topics import Topics

log = structlog.get_logger(__name__)

FILE: Final = Path("assistant", "topics.yaml")


class TopicsUnavailable(Exception):
    """No topics have been read since this process started."""


@dataclass(frozen=True, slots=True)
class _Held:
    """The last good topics, and what the newest version of the file looked like and was refused for."""

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
        self._look()
        return self._held.problems

    def _look(self) -> None:
        seen = _sign(self.path)
        if self._held.seen == seen and seen is not None:
            return
        with self._reading:
            topics, problems = read_topics(self.path, affairs=POLICIES)
            self._held = _Held(topics or self._held.topics, seen, problems)
        if problems:
            log.error("assistant_topics_broken", problems=[problem.render() for problem in problems])


def _sign(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


@cache
def _file_at(path: Path) -> TopicsFile:
    return TopicsFile(path)


def configured() -> TopicsFile:
    return _file_at(Path(settings.POLICIES_DIR) / FILE)
