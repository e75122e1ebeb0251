"""A table of limits with two key columns and any number of rows; half of the facts match a row."""

from collections.abc import Callable
from random import Random

from benchmarks.workloads.workload import Facts, Workload

REGIONS = ("north", "east", "south", "west", "center")

_TEXT = """\
policy: limits
version: 1
effective_from: 2026-01-01T00:00:00Z
summary: An amount may not be over the limit of its kind and region.
facts: {{kind: string, region: string, amount: int}}
parameters:
  limits:
    table: {{kind: string, region: string, limit: int}}
    key: [kind, region]
    rows:
{rows}
outcomes: [allow, review, deny]
on_error: deny
rules:
  - id: within
    for_each: {{row: limits}}
    when: row.kind == kind && row.region == region && amount <= row.limit
    then: allow
    source: Benchmark
  - id: over
    for_each: {{row: limits}}
    when: row.kind == kind && row.region == region && amount > row.limit
    then: review
    source: Benchmark
otherwise: {{id: unknown-kind, then: deny}}
"""


def rows(size: int) -> list[tuple[str, str, int]]:
    """Kind, region and limit of each row."""
    return [(f"kind-{n // 5}", REGIONS[n % 5], 100 + n % 900) for n in range(size)]


def workload(size: int) -> Workload:
    lines = "\n".join(f"      - [{kind}, {region}, {limit}]" for kind, region, limit in rows(size))
    return Workload(f"table of {size:,}", _TEXT.format(rows=lines), _facts(size), tuple(rows(size)))


def _facts(size: int) -> Callable[[Random], Facts]:
    kinds = size // 5

    def facts(random: Random) -> Facts:
        kind, region = f"kind-{random.randrange(2 * kinds)}", random.choice(REGIONS)
        return {"kind": kind, "region": region, "amount": random.randrange(1_100)}

    return facts
