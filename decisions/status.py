"""The result of the latest attempt to load policies."""

from dataclasses import dataclass
from datetime import datetime

from engine import Diagnostic


@dataclass(frozen=True, slots=True)
class Status:
    """The digest, its time and the warnings belong to the bundle in force, the problems to the latest attempt."""

    digest: str | None = None
    loaded_at: datetime | None = None
    checked_at: datetime | None = None
    problems: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def healthy(self) -> bool:
        return self.digest is not None and not self.problems
