"""Generated histories of a policy, and a plain reference for the version that decides."""

import random
from dataclasses import dataclass

from engine.expression.quantity import format_timestamp

DAY = 86_400_000_000
FIRST = 20_454 * DAY  # 2026-01-01

TEXT = """\
policy: booking
version: {number}{revision}
effective_from: {start}
{rest}in_force_by: booked_at
facts: {{booked_at: timestamp, amount: int}}
outcomes: [free, paid]
on_error: paid
rules:
  - {{id: v{number}, when: amount > 0, then: free, message: "Version {number}."}}
otherwise: {{id: none, then: paid}}
"""


@dataclass(frozen=True)
class Version:
    number: int
    start: int
    end: int | None = None
    withdrawn: bool = False
    revision: int = 0

    def text(self) -> str:
        rest = f"effective_until: {format_timestamp(self.end)}\n" if self.end is not None else ""
        rest += "withdrawn: it was wrong\n" if self.withdrawn else ""
        revision = f"\nrevision: {self.revision}" if self.revision else ""
        start = format_timestamp(self.start)
        return TEXT.format(
            number=self.number, revision=revision, start=start, rest=rest + "gap_because: a test\n"
        )


def history(random: random.Random, count: int) -> list[Version]:
    """Starts, ends, withdrawals, revisions and ties, on few days so that they often meet."""
    numbers = random.sample(range(1, 3 * count), count)
    versions = []
    for number in numbers:
        start = FIRST + random.randrange(count) * DAY
        end = start + random.randrange(1, count // 2) * DAY if random.random() < 0.6 else None
        versions.append(Version(number, start, end, random.random() < 0.2, random.choice([0, 0, 1, 2])))
    return versions


def in_force(versions: list[Version], moment: int) -> Version | None:
    """The definition, word for word."""
    candidates = [
        v for v in versions if not v.withdrawn and v.start <= moment and (v.end is None or moment < v.end)
    ]
    return max(candidates, key=lambda v: (v.start, v.number), default=None)
