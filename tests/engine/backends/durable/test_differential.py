"""durable-rules decides as the compiler does, for policies and facts by chance, wherever the policy can be told to it."""

import random
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.source import Source
from engine import load_sources
from tests.engine import voices
from tests.engine.backends.durable.both import DURABLE
from tests.engine.backends.test_differential import FACTS, PAIRS, bundle_of
from tests.engine.generated.policies import a_policy
from tests.engine.generated.values import MOMENTS, some_facts

SHARE = 2
"""At least one of so many policies must be expressible. The others use patterns, which durable-rules reads differently."""
POLICIES = -(-PAIRS * SHARE // FACTS)
compared = {"policies": 0, "expressible": 0, "pairs": 0, "otherwise": 0, "first": 0, "worst": 0}


@settings(
    max_examples=POLICIES,
    deadline=None,
    database=None,
    derandomize=PAIRS < 1_000,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@given(st.randoms(use_true_random=True))
def compare_a_policy(chance: random.Random) -> None:
    generated = a_policy(chance)
    compared["policies"] += 1
    compiler, _ = bundle_of(generated)
    loaded = load_sources([Source("generated.yaml", generated.text)], compile=DURABLE)
    if loaded.bundle is None:
        assert {d.code for d in loaded.diagnostics} == {"not-in-durable-rules"}
        return
    compared["expressible"] += 1
    for _ in range(FACTS):
        facts, now = some_facts(chance, generated.facts), chance.choice(MOMENTS)
        decision = compiler.decide("generated", facts, now=now)
        assert loaded.bundle.decide("generated", facts, now=now) == decision
        voices.agreed("durable-rules", "generated decisions")
        compared["pairs"] += 1
        hit = loaded.bundle.version_at("generated", now).validated.policy.hit
        compared[hit if decision.matched else "otherwise"] += 1


def test_durable_rules_agrees(record_property: Callable[[str, object], None]) -> None:
    compared.update(dict.fromkeys(compared, 0))
    compare_a_policy()
    for name, count in compared.items():
        record_property(name, count)
    assert compared["pairs"] >= PAIRS
    assert compared["expressible"] * SHARE >= compared["policies"]
    assert min(compared["otherwise"], compared["first"], compared["worst"]) > PAIRS // 20
