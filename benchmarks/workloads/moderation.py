"""Decide about a message: two modes, six categories, two levels; up to four signals."""

from random import Random

from benchmarks.workloads.workload import OWN, Facts, Workload

CATEGORIES = ("threat", "abuse", "hate", "sexual", "insult", "profanity")


def facts(random: Random) -> Facts:
    signals = [
        {"category": random.choice(CATEGORIES), "score": random.random()} for _ in range(random.randrange(5))
    ]
    return {"mode": random.choice(("normal", "dispute")), "signals": signals}


WORKLOAD = Workload("moderation", (OWN / "moderation.yaml").read_text("utf-8"), facts)
