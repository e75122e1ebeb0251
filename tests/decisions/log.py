"""Records for the tests of the log."""

import itertools
from datetime import UTC, datetime

from decisions.models import DecisionRecord

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
NUMBERS = itertools.count()
"""Records that say the same could change places unnoticed, and nothing would have changed."""


def fill(count, *, at=NOW):
    DecisionRecord.objects.bulk_create(
        DecisionRecord(
            policy="entry",
            version=1,
            digest="sha256:0",
            outcome=("allow", "deny")[i % 2],
            rule="members",
            subject_kind="lamp",
            subject_id=next(NUMBERS),
            facts={"member": i % 2 == 0, "score": next(NUMBERS) / 7},
            answer={"outputs": {"n": i}},
            duration_us=1,
            decided_at=at,
        )
        for i in range(count)
    )
