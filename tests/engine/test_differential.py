"""Compiler and reference are two readings of one language: on generated policies and facts they must agree."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import reference
from engine.compiled import CompiledPolicy, to_python
from engine.expression.quantity import from_datetime
from tests.conftest import Scale
from tests.engine.policies import bundle_of, shipped
from tests.engine.strategies import START, facts, moments, policies

FACTS_EACH = 50
"""Facts that each generated policy is asked about; a pair is a policy and facts."""

compared = {"pairs": 0, "policies": 0}


def compare(version: CompiledPolicy, given_facts: object, now: object) -> None:
    decision = version.decide(given_facts, now=now, bundle_digest="")
    assert decision.errors == ()
    checked, _ = version.facts_check.check_slowly(given_facts)
    assert version.facts_check.check(given_facts) == (checked, ())
    micros = from_datetime(now)
    outcome, rule, matched, outputs = reference.decide(version.validated, checked, micros)
    assert (decision.outcome, decision.rule, decision.matched) == (outcome, rule, matched)
    kinds = {o.name: o.type.kind for o in version.validated.policy.outputs.values()}
    assert decision.outputs == {name: to_python(value, kinds[name]) for name, value in outputs.items()}
    compared["pairs"] += 1


def test_compiler_and_reference_agree(scale: Scale, record_property: Callable[[str, object], None]) -> None:
    @settings(
        max_examples=scale.examples // FACTS_EACH,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(policies(), st.lists(st.tuples(facts, moments), min_size=FACTS_EACH, max_size=FACTS_EACH))
    def agree(text: str, asked: list[tuple[dict[str, object], object]]) -> None:
        version = bundle_of(text).version_at("generated", START)
        compared["policies"] += 1
        for given_facts, now in asked:
            compare(version, given_facts, now)

    agree()
    assert compared["pairs"] >= scale.examples
    for name, count in compared.items():
        record_property(f"compared {name}", count)


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(
        ["\ud800", "\x00", 2**53 + 1, START.replace(tzinfo=None), START, object(), b"x", "9" * 9000]
    )
    | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def test_facts_that_do_not_fit_never_pass_and_never_raise(scale: Scale) -> None:
    version = bundle_of("\n".join(GENERAL)).version_at("general", START)

    @settings(
        max_examples=min(scale.examples, 3_000),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(facts, st.sampled_from(sorted(NAMES)), JUNK)
    def holds(fitting: dict[str, object], name: str, junk: object) -> None:
        spoilt = {**fitting, name: junk}
        decision = version.decide(spoilt, now=START, bundle_digest="")
        checked, errors = version.facts_check.check_slowly(spoilt)
        assert decision.errors == errors
        if errors:
            assert (decision.outcome, decision.rule, decision.permits) == ("high", "on-error", False)
        else:
            assert version.facts_check.check(spoilt)[0] == checked

    holds()


def _general() -> list[str]:
    from tests.engine.strategies import FACTS

    head = ["policy: general", "version: 1", "effective_from: 2020-01-01T00:00:00Z", FACTS.rstrip()]
    rules = ["rules:", "  - {id: all, when: i1 != 17, then: low}", "otherwise: {id: none, then: high}"]
    return [*head, "outcomes: [low, middle, high]", "on_error: high", *rules]


GENERAL = _general()
NAMES = {
    "b1",
    "ob",
    "i1",
    "oi",
    "d1",
    "s1",
    "os",
    "e1",
    "oe",
    "t1",
    "ot",
    "p1",
    "op",
    "words",
    "items",
    "unheard of",
}


@pytest.mark.parametrize("whole", [None, [], "facts", 7, {1: 2}, {"\ud800": 1}])
def test_what_is_no_record_of_facts_gives_on_error(whole: object) -> None:
    decision = shipped().decide("chat", whole, now=START.replace(month=6))
    assert (decision.outcome, decision.rule) == ("deny", "on-error")


def test_threads_share_a_policy() -> None:
    version = shipped().version_at("review_eligibility", START.replace(month=6))
    base = {"buyer_id": "7", "seller_id": "3", "product_id": "11", "already_reviewed": False}
    pair = [
        {"party": "seller", "by": "3", "counterparty": "7", "product_id": "11"},
        {"party": "buyer", "by": "7", "counterparty": "3", "product_id": "11"},
    ]
    asked = [({**base, "confirmations": pair[:n]}, rule) for n, rule in enumerate(RULES)]
    wrong: list[str] = []

    def ask() -> None:
        for number in range(2_000):
            given_facts, rule = asked[number % 3]
            got = version.decide(given_facts, now=START.replace(month=6), bundle_digest="").rule
            if got != rule:
                wrong.append(got)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


RULES = ("seller-must-confirm", "buyer-must-confirm", "pair-complete")
