"""What becomes of a message: up to four signals, most of them neither reported nor quoted."""

from datetime import timedelta
from random import Random

from benchmarks.workloads.workload import FROZEN, NOW, Facts, Workload

CATEGORIES = ("threat", "abuse", "hate", "violence", "sexual", "self_harm", "insult", "profanity", "spam")
DETECTORS = ("lexicon", "clause_rules", "classifier")


def facts(random: Random) -> Facts:
    earlier = random.choice((0, 0, 0, 1, 3))
    return {
        "mode": random.choice(("normal", "dispute")),
        "language": random.choice((*("english",) * 8, "other", "undetermined")),
        "signals": [_signal(random) for _ in range(random.randrange(5))],
        "unavailable": [random.choice(CATEGORIES)] if random.random() < 0.05 else [],
        "earlier_insults": [NOW - timedelta(minutes=random.randrange(3_000)) for _ in range(earlier)],
    }


def _signal(random: Random) -> Facts:
    return {
        "category": random.choice(CATEGORIES),
        "score": random.random(),
        "detector": random.choice(DETECTORS),
        "reported": random.random() < 0.1,
        "quoted": random.random() < 0.1,
    }


WORKLOAD = Workload("moderation_profiles", (FROZEN / "moderation_profiles.yaml").read_text("utf-8"), facts)
