"""`min` and `max` of two values and of a list."""

import pytest

from documents.source import Source
from engine.backends.registry import backend
from engine.bundle import load_sources
from engine.explain.budget import Budget
from engine.mutation.conditions import condition_mutants
from tests.engine.policies import NOW, bundle_of
from tests.needs import ENGINES, needs_durable_rules

POLICY = """\
policy: fees
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  price: int
  weight: double
  due: timestamp
  grace: duration
  parts: {list: int}
  moments: {list: timestamp}
outcomes: [allow, deny]
on_error: deny
rules:
  - {id: cheap, when: 'max(price, 10) < 20 && min(weight, 1.5) == 1.5', then: allow}
otherwise: {id: dear, then: deny}
outputs:
  fee: {type: int, value: 'max(min(price, 100), 5)'}
  least: {type: int?, value: min(parts)}
  last: {type: timestamp?, value: max(moments)}
  waits: {type: duration, value: 'max(grace, due - now)'}
"""
FACTS = {
    "price": 7,
    "weight": 2.0,
    "due": "2026-03-02T12:00:00Z",
    "grace": "36h",
    "parts": [3, -2, 8],
    "moments": ["2026-03-01T00:00:00Z", "2026-03-05T00:00:00Z"],
}


def decide(facts: dict, engine: str = "compiler", **asked):
    loaded = load_sources([Source("fees.yaml", POLICY)], compile=backend(engine))
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    return loaded.bundle.decide("fees", FACTS | facts, now=NOW, **asked)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("facts", "rule", "outputs"),
    [
        ({}, "cheap", {"fee": 7, "least": -2, "last": "2026-03-05T00:00:00Z", "waits": "36h"}),
        ({"price": 20}, "dear", {"fee": 20}),
        ({"price": 1000}, "dear", {"fee": 100}),
        ({"price": -1}, "cheap", {"fee": 5}),
        ({"weight": 1.5}, "cheap", {}),
        ({"weight": 1.4}, "dear", {}),
        ({"parts": [], "moments": []}, "cheap", {"least": None, "last": None}),
        ({"due": "2026-03-09T12:00:00Z"}, "cheap", {"waits": "8d"}),
    ],
)
def test_the_least_and_the_greatest_are_chosen(engine, facts, rule, outputs):
    decision = decide(facts, engine)
    assert decision.rule == rule
    shown = decision.to_dict()["outputs"]
    assert {name: shown[name] for name in outputs} == outputs


@needs_durable_rules
def test_durable_rules_refuses_the_choice_from_a_list_at_its_place():
    text = POLICY.replace("max(price, 10) < 20", "least != null && least < 3")
    text = text.replace("outcomes:", "values: {least: min(parts)}\noutcomes:")
    assert bundle_of(text) is not None
    loaded = load_sources([Source("fees.yaml", text)], compile=backend("durable"))
    [problem] = [d for d in loaded.diagnostics if d.severity == "error"]
    assert (problem.code, problem.line) == ("not-in-durable-rules", 11)
    assert "`min` of a list" in problem.message


def test_a_change_is_found_through_the_argument_that_is_chosen():
    counterfactuals = decide({"price": 30}, counterfactuals=Budget()).counterfactuals
    assert counterfactuals is not None
    assert [[(c["fact"], c["value"]) for c in f["changes"]] for f in counterfactuals["found"]] == [
        [("price", 19)]
    ]


def test_each_choice_has_the_other_one_as_a_mutant():
    [version] = bundle_of(POLICY).policies["fees"].all
    summaries = [m.summary for m in condition_mutants(version.validated)]
    assert (summaries.count("`max` becomes `min`"), summaries.count("`min` becomes `max`")) == (4, 3)
