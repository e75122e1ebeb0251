"""The measured policies, each with random facts."""

from benchmarks.workloads import moderation, retention, review_eligibility, table
from benchmarks.workloads.workload import Workload

POLICIES: tuple[Workload, ...] = (
    review_eligibility.WORKLOAD,
    moderation.WORKLOAD,
    retention.WORKLOAD,
)
TABLE_SIZES = (10, 100, 1_000, 10_000)


def tables() -> tuple[Workload, ...]:
    """The same table rule with more and more rows; loading the longest takes a few seconds."""
    return tuple(table.workload(size) for size in TABLE_SIZES)
