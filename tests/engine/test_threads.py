"""All threads share one bundle and get the same answers."""

import random
import threading

from engine import Decision
from tests.engine.backends.test_differential import bundle_of
from tests.engine.generated.chance import FULL
from tests.engine.generated.policies import a_policy
from tests.engine.generated.values import NOW, some_facts

THREADS = 8
ROUNDS = 20 if FULL else 5


def test_threads_that_share_a_bundle_get_the_same_decisions() -> None:
    chance = random.Random(2)
    asked = []
    for _ in range(10):
        generated = a_policy(chance)
        bundle, _ = bundle_of(generated)
        asked += [(bundle, facts) for facts in (some_facts(chance, generated.facts) for _ in range(20))]
    expected = [bundle.decide("generated", facts, now=NOW) for bundle, facts in asked]
    results: list[list[Decision]] = []
    start = threading.Barrier(THREADS)

    def ask() -> None:
        start.wait()
        for _ in range(ROUNDS):
            results.append([bundle.decide("generated", facts, now=NOW) for bundle, facts in asked])

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == THREADS * ROUNDS
    assert all(decisions == expected for decisions in results)
