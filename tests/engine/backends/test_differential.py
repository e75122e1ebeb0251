"""Compiled decisions equal those of the reference, for randomly generated policies that use every construct."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from documents.source import Source
from engine import Bundle, Decision, load_sources
from engine.backends import reference
from engine.compiled import CompiledPolicy
from engine.decision import ON_ERROR
from engine.expression.quantity import from_datetime
from tests.engine import voices
from tests.engine.generated.chance import EXAMPLES, FULL
from tests.engine.generated.constructs import CONSTRUCTS, constructs_of
from tests.engine.generated.policies import Generated, a_policy
from tests.engine.generated.values import MOMENTS, NOW, some_facts
from tests.engine.kept.entry import as_json
from tests.engine.oracles.cel_rust import CEL_RUST
from tests.engine.oracles.panel import Panel

pytestmark = pytest.mark.fuzz
FACTS = 5
"""The number of sets of facts to try each policy with."""
PAIRS = EXAMPLES
POLICIES = EXAMPLES if FULL else EXAMPLES // FACTS
SHARDS = 4 if FULL else 1
"""A full run shares its policies among this many tests, so that workers can share them too."""
TRIED = 2 if FULL else FACTS
PANELS = 5 if FULL else 1
"""The CEL in Rust evaluates the conditions of one in this many policies."""


def bundle_of(generated: Generated) -> tuple[Bundle, CompiledPolicy]:
    loaded = load_sources([Source("generated.yaml", generated.text)])
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    return loaded.bundle, loaded.bundle.version_at("generated", NOW)


def compare_a_policy(seed: int, compared: Counter[str]) -> None:
    chance = random.Random(seed)
    generated = a_policy(chance)
    bundle, version = bundle_of(generated)
    compared.update(constructs_of(version.validated))
    panel = Panel(version.validated, (CEL_RUST,)) if seed % PANELS == 0 else None
    for _ in range(TRIED):
        facts = some_facts(chance, generated.facts)
        checked, errors = version.facts_check.check(facts)
        assert errors == ()
        assert (checked, errors) == version.facts_check.check_slowly(facts)
        decision = bundle.decide("generated", facts, now=chance.choice(MOMENTS))
        context = (
            f"seed {seed}\n{generated.text}facts: {as_json(facts)}\nat: {decision.evaluated_at.isoformat()}"
        )
        compared.update(["pairs", compare(version, checked, decision, context)])
        if panel is not None:
            panel.compare(
                checked,
                from_datetime(decision.evaluated_at) or 0,
                "conditions of generated policies",
                context,
            )
        assert bundle.decide("generated", facts, now=decision.evaluated_at) == decision
        compared.update(compare_fused(version, facts, decision, context))


def compare(version: CompiledPolicy, checked: dict[str, Any], decision: Decision, context: str) -> str:
    """The way in which both decided. On a difference, fail with `context`: the policy and the facts."""
    now = from_datetime(decision.evaluated_at)
    assert now is not None
    outcome, rule, matched, outputs = reference.decide(version.validated, checked, now)
    assert (decision.outcome, decision.rule, decision.matched) == (outcome, rule, matched), context
    voices.agreed("reference", "generated decisions")
    if rule == ON_ERROR:
        assert (decision.obligations, decision.outputs, decision.status) == ((), {}, None), context
        return "overlap"
    assert decision.obligations == obligations_of(version, rule, matched), context
    assert decision.status == status_of(version, rule, matched), context
    chosen = version.deciding(version.rules(checked, now))
    actual = version.outputs(checked, now, chosen) if version.outputs else ()
    assert list(actual) == list(outputs.values()), context
    return version.validated.policy.hit if matched else "otherwise"


def compare_fused(version: CompiledPolicy, facts: Any, decision: Decision, context: str) -> list[str]:
    """Whether the function that does everything decided, and as the steps did."""
    version.fuse()
    assert version.fused is not None
    fused = version.fused(facts, decision.evaluated_at, decision.digest, False)
    assert fused is None or fused == decision, context
    return [] if fused is None else ["fused"]


def status_of(version: CompiledPolicy, rule: str, matched: tuple[str, ...]) -> str | None:
    policy = version.validated.policy
    if not matched:
        return policy.otherwise.status
    return next(r.status for r in policy.rules if r.id == rule.partition("[")[0])


def obligations_of(version: CompiledPolicy, rule: str, matched: tuple[str, ...]) -> tuple[str, ...]:
    """The distinct obligations of the rules that applied, in order; or those of `otherwise`."""
    policy = version.validated.policy
    if not matched:
        return policy.otherwise.obligations
    by_id = {r.id: r.obligations for r in policy.rules}
    applied = [rule] if policy.hit == "first" else matched
    return tuple(dict.fromkeys(o for id_ in applied for o in by_id[id_.partition("[")[0]]))


@pytest.mark.parametrize("shard", range(SHARDS))
def test_compiler_and_reference_agree(shard: int, record_property: Callable[[str, object], None]) -> None:
    """Use seeds rather than Hypothesis, whose draws repeat."""
    compared: Counter[str] = Counter()
    policies = POLICIES // SHARDS
    first = random.getrandbits(64) if FULL else 0
    for seed in range(first, first + policies):
        compare_a_policy(seed, compared)
    for name, count in compared.items():
        record_property(name, count)
    pairs = policies * TRIED
    assert compared["pairs"] == pairs
    assert {name for name in CONSTRUCTS if compared[name] <= policies // 100} == set()
    # A third of the policies have `hit: unique`: too few in a small run to count on each way in which they may end.
    usual = ("first", "worst", "unique", "overlap", "otherwise") if FULL else ("first", "worst", "otherwise")
    assert min(compared[name] for name in usual) > pairs // 40
    assert compared["fused"] > pairs // 4
