"""Every backend decides as the compiler does: on the cases of the shipped policies, and on random policies and facts.

To test a new backend, add it to `VOICES`.
"""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.source import Source
from engine import load_bundle, load_sources
from engine.backends.registry import BACKENDS, backend
from engine.cases.reader import case_files, read_cases
from engine.cases.run import Settled, run_case
from tests.engine import voices
from tests.engine.backends.test_differential import FACTS, PAIRS, bundle_of
from tests.engine.generated.chance import FULL
from tests.engine.generated.policies import a_policy
from tests.engine.generated.values import MOMENTS, some_facts
from tests.engine.policies import shipped
from tests.needs import needs_durable_rules

ROOT = Path(__file__).parents[3]
VOICES = {"durable": "durable-rules", "reference": "reference"}
"""The name of each backend, except the compiler, in the summary of the run."""
SHARE = 2
"""At least one in this many policies must be expressible. The others use patterns, which durable-rules reads differently."""
POLICIES = -(-PAIRS * SHARE // FACTS)


def test_every_backend_is_compared():
    assert set(VOICES) | {"compiler"} == set(BACKENDS)


by_name = pytest.mark.parametrize(
    "name", [pytest.param(n, marks=needs_durable_rules) if n == "durable" else n for n in VOICES]
)


@by_name
def test_every_policy_case_is_decided_alike(name):
    bundle = load_bundle(ROOT / "policies", compile=backend(name)).bundle
    assert bundle is not None and bundle.policies.keys() == shipped().policies.keys()
    settled: tuple[Settled, Settled] = ({}, {})
    for file in case_files([ROOT / "tests" / "policy_cases"]):
        cases, problems = read_cases(file)
        assert cases and not problems
        for case in cases if FULL else cases[::4]:
            expected, actual = run_case(shipped(), case, settled[0]), run_case(bundle, case, settled[1])
            assert actual.passed and actual.decision == expected.decision
            assert actual.version is not None
            # also with the parameter values that a case assumes
            assert actual.version.rules.__module__ == backend(name).__module__
            voices.agreed(VOICES[name], "policy cases")


def compare(name: str, compared: Counter[str]) -> None:
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
        loaded = load_sources([Source("generated.yaml", generated.text)], compile=backend(name))
        if loaded.bundle is None:
            assert {d.code for d in loaded.diagnostics} == {f"not-in-{VOICES[name]}"}
            return
        compared["expressible"] += 1
        for _ in range(FACTS):
            facts, now = some_facts(chance, generated.facts), chance.choice(MOMENTS)
            decision = compiler.decide("generated", facts, now=now)
            assert loaded.bundle.decide("generated", facts, now=now) == decision
            voices.agreed(VOICES[name], "generated decisions")
            compared["pairs"] += 1
            hit = loaded.bundle.version_at("generated", now).validated.policy.hit
            compared[hit if decision.matched else "otherwise"] += 1

    compare_a_policy()


@pytest.mark.fuzz
@by_name
def test_generated_policies_are_decided_alike(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    compared: Counter[str] = Counter()
    compare(name, compared)
    for kind, count in compared.items():
        record_property(kind, count)
    assert compared["pairs"] >= PAIRS
    assert compared["expressible"] * SHARE >= compared["policies"]
    assert min(compared["otherwise"], compared["first"], compared["worst"]) > PAIRS // 20
