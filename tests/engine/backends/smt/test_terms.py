"""The terms of a policy mean what the reference evaluator does with it."""

import random

import pytest
from hypothesis import given

from engine.backends import reference
from engine.cases.run import facts_of
from engine.expression.quantity import from_datetime
from tests.engine import voices
from tests.engine.backends.smt.concrete import decided, expected, verdicts
from tests.engine.backends.test_differential import bundle_of
from tests.engine.generated.chance import FULL, by_chance, chances
from tests.engine.generated.policies import a_policy
from tests.engine.generated.values import MOMENTS, some_facts
from tests.engine.policies import all_cases, shipped

POLICIES = 300 if FULL else 8


@by_chance(POLICIES)
@given(chances)
def test_terms_of_a_generated_policy_have_the_values_of_the_reference(chance: random.Random) -> None:
    generated = a_policy(chance)
    _, version = bundle_of(generated)
    of = decided(version.validated)
    facts, errors = version.facts_check.check(some_facts(chance, generated.facts))
    assert not errors
    now = from_datetime(chance.choice(MOMENTS))
    assert now is not None
    decision = reference.decide(version.validated, facts, now)
    told = f"{generated.text}facts: {facts}\nnow: {now}\n{decision}"
    assert verdicts(of, expected(of, *decision), facts, now) == ("found", "none"), told
    voices.agreed("smt", "generated decisions")


SMALL = sorted(shipped().policies.keys() - {"moderation_profiles"})


@pytest.mark.parametrize("policy", sorted(shipped().policies) if FULL else SMALL)
def test_terms_of_a_shipped_policy_have_the_values_of_the_reference(policy: str) -> None:
    version = shipped().policies[policy].all[-1]
    of = decided(version.validated)
    inputs = [
        (case, facts)
        for case in all_cases()
        if case.policy == policy
        for facts, errors in [version.facts_check.check(facts_of(case, version))]
        if not errors and all(len(v) <= 3 for v in facts.values() if isinstance(v, list))
    ]
    assert len(inputs) > 1
    for case, facts in inputs if FULL else inputs[:: len(inputs) // 2]:
        now = from_datetime(case.at)
        assert now is not None
        decision = reference.decide(version.validated, facts, now)
        assert verdicts(of, expected(of, *decision), facts, now) == ("found", "none"), case.name
        voices.agreed("smt", "policy cases")
