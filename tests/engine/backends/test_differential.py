"""Compiled decisions equal those of the reference, for randomly generated policies and facts."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from documents.source import Source
from engine import Bundle, Decision, load_sources
from engine.backends import reference
from engine.compiled import CompiledPolicy
from engine.decision import ON_ERROR
from engine.expression.quantity import from_datetime
from tests.engine import voices
from tests.engine.generated.chance import EXAMPLES, FULL, by_chance, chances
from tests.engine.generated.policies import Generated, a_policy
from tests.engine.generated.values import MOMENTS, NOW, some_facts
from tests.engine.kept.entry import as_json
from tests.engine.oracles.cel_rust import CEL_RUST
from tests.engine.oracles.panel import Panel

pytestmark = pytest.mark.fuzz
FACTS = 5
"""The number of sets of facts to try each policy with."""
PAIRS = EXAMPLES
compared = {"pairs": 0, "first": 0, "worst": 0, "unique": 0, "overlaps": 0, "otherwise": 0}


def bundle_of(generated: Generated) -> tuple[Bundle, CompiledPolicy]:
    loaded = load_sources([Source("generated.yaml", generated.text)])
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    return loaded.bundle, loaded.bundle.version_at("generated", NOW)


@by_chance(PAIRS // FACTS)
@given(chances)
def compare_a_policy(chance: random.Random) -> None:
    generated = a_policy(chance)
    bundle, version = bundle_of(generated)
    panel = Panel(version.validated, (CEL_RUST,))
    for _ in range(FACTS):
        facts = some_facts(chance, generated.facts)
        checked, errors = version.facts_check.check(facts)
        assert errors == ()
        assert (checked, errors) == version.facts_check.check_slowly(facts)
        decision = bundle.decide("generated", facts, now=chance.choice(MOMENTS))
        context = f"{generated.text}facts: {as_json(facts)}\nat: {decision.evaluated_at.isoformat()}"
        compare(version, checked, decision, context)
        panel.compare(
            checked, from_datetime(decision.evaluated_at) or 0, "conditions of generated policies", context
        )
        assert bundle.decide("generated", facts, now=decision.evaluated_at) == decision


def compare(version: CompiledPolicy, checked: dict[str, Any], decision: Decision, context: str) -> None:
    """On a difference, fail with `context`: the policy and the facts."""
    now = from_datetime(decision.evaluated_at)
    assert now is not None
    outcome, rule, matched, outputs = reference.decide(version.validated, checked, now)
    assert (decision.outcome, decision.rule, decision.matched) == (outcome, rule, matched), context
    voices.agreed("reference", "generated decisions")
    compared["pairs"] += 1
    if rule == ON_ERROR:
        assert (decision.obligations, decision.outputs) == ((), {}), context
        compared["overlaps"] += 1
        return
    assert decision.obligations == obligations_of(version, rule, matched), context
    chosen = version.deciding(version.rules(checked, now))
    actual = version.outputs(checked, now, chosen) if version.outputs else ()
    assert list(actual) == list(outputs.values()), context
    compared["otherwise" if not matched else version.validated.policy.hit] += 1


def obligations_of(version: CompiledPolicy, rule: str, matched: tuple[str, ...]) -> tuple[str, ...]:
    """The distinct obligations of the rules that applied, in order; or those of `otherwise`."""
    policy = version.validated.policy
    if not matched:
        return policy.otherwise.obligations
    by_id = {r.id: r.obligations for r in policy.rules}
    applied = [rule] if policy.hit == "first" else matched
    return tuple(dict.fromkeys(o for id_ in applied for o in by_id[id_.partition("[")[0]]))


def test_compiler_and_reference_agree(record_property: Callable[[str, object], None]) -> None:
    compared.update(dict.fromkeys(compared, 0))
    compare_a_policy()
    for name, count in compared.items():
        record_property(name, count)
    assert compared["pairs"] >= PAIRS
    # `hit: unique` is a third of the policies: too few in a small run to count on each way that they may end.
    usual = compared if FULL else {name: compared[name] for name in ("first", "worst", "otherwise")}
    assert min(usual.values()) > PAIRS // 40
