"""On random arithmetic with ints, each CEL computes what the compiler and Python's `decimal` do.

`*`, `+`, `-` and division toward zero are CEL's own; `sum`, `min` and `max` are written with its macros and indices.
"""

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from documents.source import Source
from engine import load_sources
from engine.policy.validated import ValidatedPolicy
from tests.engine import voices
from tests.engine.backends.test_exact_arithmetic import REFUSALS
from tests.engine.generated.arithmetic import COUNTS, Exact, Whole, some_amounts
from tests.engine.generated.chance import EXAMPLES, FULL
from tests.engine.generated.constructs import constructs_of
from tests.engine.generated.values import NOW, declared
from tests.engine.oracles.cel_text import Rewriter
from tests.engine.oracles.oracle import Oracle
from tests.engine.oracles.panel import ORACLES

pytestmark = pytest.mark.fuzz
FACTS = 3
EXPRESSIONS = EXAMPLES // 4
EXTREMES = {"least": ("min(counts)", min), "most": ("max(counts)", max)}


def policy_of(expression: Exact) -> str:
    outputs = {"found": {"type": "int", "value": expression.text}}
    outputs |= {name: {"type": "int?", "value": text} for name, (text, _) in EXTREMES.items()}
    policy = {
        "policy": "generated",
        "version": 1,
        "effective_from": "2020-01-01T00:00:00Z",
        "facts": {name: declared(type_) for name, type_ in COUNTS.items()},
        "outcomes": ["yes", "no"],
        "on_error": "no",
        "rules": [],
        "otherwise": {"id": "none", "then": "no"},
        "outputs": outputs,
    }
    return json.dumps(policy)


def programs(validated: ValidatedPolicy, oracle: Oracle) -> dict[str, Callable[[Any], Any]]:
    found = {}
    for name, tree in validated.outputs.items():
        value = validated.policy.outputs[name].value
        assert value is not None
        rewriter = Rewriter(oracle, value.text, ())
        found[name] = oracle.compile(rewriter.written(tree))
        assert rewriter.left_out == set(), value.text
    return found


def compare(seed: int, compared: Counter[str]) -> None:
    chance = random.Random(seed)
    expression = Whole(chance).rounded(3, 0)
    loaded = load_sources([Source("generated.yaml", policy_of(expression))])
    if loaded.bundle is None:
        assert {d.code for d in loaded.diagnostics} <= REFUSALS, loaded.diagnostics
        return
    validated = loaded.bundle.version_at("generated", NOW).validated
    compared.update(["expressions", *constructs_of(validated)])
    answer = {oracle: programs(validated, oracle) for oracle in ORACLES}
    for _ in range(FACTS):
        facts = some_amounts(chance, COUNTS)
        outputs = loaded.bundle.decide("generated", facts, now=NOW).outputs
        expected = {name: choose(facts["counts"], default=None) for name, (_, choose) in EXTREMES.items()}
        assert outputs == {"found": expression.value(facts), **expected}, (expression.text, facts)
        for oracle, named in answer.items():
            bound = {name: oracle.bind(value) for name, value in facts.items()}
            told = (oracle.name, seed, expression.text, facts)
            assert {name: run(bound) for name, run in named.items()} == outputs, told
            voices.agreed(oracle.name, "values of generated arithmetic", len(named))


def test_each_cel_computes_the_same(record_property: Callable[[str, object], None]) -> None:
    compared: Counter[str] = Counter()
    seed = random.getrandbits(64) if FULL else 0
    while compared["expressions"] < EXPRESSIONS:
        compare(seed, compared)
        seed += 1
    for name, count in compared.items():
        record_property(name, count)
    used = ("*", "divide", "sum", "min of two", "max of two", "min of a list", "max of a list")
    assert {name for name in used if compared[name] <= EXPRESSIONS // 20} == set()
