"""On random arithmetic, the compiler, the reference and Python's `decimal` agree, and no value leaves its proven interval:
neither that of an output nor that of any part of it."""

import json
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.source import Source
from engine import load_sources
from engine.backends import reference
from engine.expression import typed as t
from engine.expression.arithmetic import ROUNDING, divided, rounded
from engine.expression.intervals import EXACT as EXACT_KINDS
from engine.expression.intervals import MOST, interval
from engine.expression.quantity import format_decimal, parse_decimal
from engine.expression.types import MAX_INT
from tests.engine import voices
from tests.engine.generated.arithmetic import (
    AMOUNTS,
    EXACT,
    MODES,
    Arithmetic,
    Exact,
    quantized,
    some_amounts,
)
from tests.engine.generated.chance import EXAMPLES, FULL, by_chance
from tests.engine.generated.values import NOW, declared

pytestmark = pytest.mark.fuzz
A_POLICY = 10
"""The number of expressions, as outputs, in one policy."""
FACTS = 5
REFUSALS = {"bad-places", "may-leave-bounds", "too-many-places", "expression-too-long", "sum-too-long"}
"""Problems that large numbers and many decimal places may cause."""
compared = {"expressions": 0, "outputs": 0, "parts": 0, "refused": 0}


def policy_of(written: dict[str, Exact]) -> str:
    policy = {
        "policy": "generated",
        "version": 1,
        "effective_from": "2020-01-01T00:00:00Z",
        "facts": {name: declared(type_) for name, type_ in AMOUNTS.items()},
        "outcomes": ["yes", "no"],
        "on_error": "no",
        "rules": [],
        "otherwise": {"id": "none", "then": "no"},
        "outputs": {n: {"type": declared(e.type), "value": e.text} for n, e in written.items()},
    }
    return json.dumps(policy)


def an_expression(chance: random.Random) -> Exact:
    return Arithmetic(chance).rounded(4, chance.choice((0, 1, 2, 4)))


class Traced:
    """The reference, which also checks the value of each part that it evaluates against the part's interval."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.evaluate = reference.evaluate
        self.parts = 0
        monkeypatch.setattr(reference, "evaluate", self)

    def __call__(self, node: t.Typed, env: reference.Environment) -> Any:
        value = self.evaluate(node, env)
        if node.type.kind in EXACT_KINDS and value is not None:
            low, high = interval(node, {})
            assert max(-MOST, low) <= value <= min(MOST, high), (node, value)
            self.parts += 1
        return value


def compare_a_policy(chance: random.Random) -> None:
    written = {f"out{n}": an_expression(chance) for n in range(A_POLICY)}
    loaded = load_sources([Source("generated.yaml", policy_of(written))])
    errors = [d for d in loaded.diagnostics if d.severity == "error"]
    assert {d.code for d in errors} <= REFUSALS, errors
    if errors:
        written = {
            n: e for n, e in written.items() if load_sources([Source("g.yaml", policy_of({n: e}))]).bundle
        }
        compared["refused"] += A_POLICY - len(written)
        loaded = load_sources([Source("generated.yaml", policy_of(written))])
    assert loaded.bundle is not None
    version = loaded.bundle.version_at("generated", NOW)
    compared["expressions"] += len(written)
    for _ in range(FACTS):
        facts = some_amounts(chance)
        decision = loaded.bundle.decide("generated", facts, now=NOW)
        assert not decision.errors
        checked, _ = version.facts_check.check(facts)
        env = reference.environment(version.validated, checked, 0)
        for name, expression in written.items():
            context = f"{expression.text} with {facts}"
            units = reference.evaluate(version.validated.outputs[name], env)
            assert decision.outputs[name] == expression.value(facts), context
            assert format_decimal(units, expression.scale) == str(decision.to_dict()["outputs"][name]), (
                context
            )
            assert abs(units) <= MAX_INT, context
            compared["outputs"] += 1
            voices.agreed("decimal", "generated amounts")


def test_arithmetic_is_what_decimal_says(
    monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    """Use seeds rather than Hypothesis, whose draws repeat."""
    compared.update(dict.fromkeys(compared, 0))
    traced = Traced(monkeypatch)
    seed = random.getrandbits(64) if FULL else 0
    while compared["expressions"] < EXAMPLES:
        compare_a_policy(random.Random(seed))
        seed += 1
    compared["parts"] = traced.parts
    for name, count in compared.items():
        record_property(name, count)
    assert compared["outputs"] == compared["expressions"] * FACTS
    assert compared["parts"] > compared["outputs"] * 4
    assert compared["refused"] < compared["expressions"]


whole = st.integers(-(10**25), 10**25) | st.integers(-30, 30)


@by_chance(EXAMPLES)
@given(whole, st.integers(-4, 9), st.sampled_from(ROUNDING))
def test_rounding_is_that_of_decimal(units, cut, mode):
    assert rounded(units, cut, mode) == int(quantized(EXACT.scaleb(Decimal(units), -cut), 0, mode))


@by_chance(EXAMPLES)
@given(whole, whole.filter(bool), st.integers(-6, 6), st.sampled_from(ROUNDING))
def test_division_is_that_of_decimal(units, divisor, shift, mode):
    exact = EXACT.divide(EXACT.scaleb(Decimal(units), shift), Decimal(divisor))
    assert divided(units, divisor, shift, mode) == int(
        exact.quantize(Decimal(1), rounding=MODES[mode], context=EXACT)
    )


@by_chance(EXAMPLES)
@given(st.integers(-MAX_INT, MAX_INT), st.integers(0, 9))
def test_a_decimal_reads_as_it_is_written(units, scale):
    written = format_decimal(units, scale)
    assert parse_decimal(written, scale) == units
    assert Decimal(written) == Decimal(units).scaleb(-scale)
