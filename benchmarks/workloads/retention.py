"""May the media of a dispute be deleted: timestamps around the limits of the policy."""

from datetime import timedelta
from random import Random

from benchmarks.workloads.workload import FROZEN, NOW, Facts, Workload


def facts(random: Random) -> Facts:
    return {
        "status": random.choice(("open", "reopened", "closed", "closed", "closed", "closed")),
        "closed_at": None if random.random() < 0.2 else NOW - timedelta(days=random.randrange(180)),
        "legal_hold": random.random() < 0.2,
        "hold_released_at": None if random.random() < 0.5 else NOW - timedelta(days=random.randrange(15)),
        "purge_started": random.random() < 0.1,
    }


WORKLOAD = Workload("retention", (FROZEN / "retention.yaml").read_text("utf-8"), facts)
