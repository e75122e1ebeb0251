"""Named values: expressions of any plain type that conditions, rules and outputs use by name."""

import pytest

from documents.source import Source
from engine.backends.registry import backend
from engine.bundle import load_sources
from engine.cases.coverage import _empty
from engine.explain.budget import Budget
from engine.lint import lint
from engine.mutation.conditions import condition_mutants
from engine.mutation.equivalence import equivalent
from tests.engine.policies import NOW, bundle_of
from tests.needs import ENGINES

POLICY = """\
policy: sales
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  ends_at: timestamp?
  price: int
  discount: {type: int, private: true}
  lines: {list: {price: int}}
conditions:
  soon: left != null && left < days(1)
  cheap: to_pay < 10
values:
  to_pay: price - discount
  left: 'ends_at != null ? ends_at - now : null'
  label: 'cheap ? "cheap" : "dear"'
outcomes: [allow, deny]
on_error: deny
rules:
  - {id: ended, when: soon && label == "cheap", then: allow, set: {fee: to_pay}}
  - {id: some-line, when: "lines.exists(l, l.price == to_pay)", then: allow}
otherwise: {id: rest, then: deny}
outputs:
  fee: {type: int, default: 0}
  left: {type: duration?, value: left}
"""
FACTS = {"ends_at": "2026-03-01T13:00:00Z", "price": 12, "discount": 3, "lines": []}


def decide(facts: dict, engine: str = "compiler", **asked):
    loaded = load_sources([Source("sales.yaml", POLICY)], compile=backend(engine))
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    return loaded.bundle.decide("sales", FACTS | facts, now=NOW, **asked)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("facts", "rule", "outputs"),
    [
        ({}, "ended", {"fee": 9, "left": "1h"}),
        ({"price": 13}, "rest", {"fee": 0, "left": "1h"}),
        ({"ends_at": None}, "rest", {"fee": 0, "left": None}),
        ({"ends_at": None, "lines": [{"price": 1}, {"price": 9}]}, "some-line", {"fee": 0, "left": None}),
        ({"ends_at": "2026-03-02T12:00:00Z"}, "rest", {"fee": 0, "left": "24h"}),
    ],
)
def test_a_value_stands_for_its_expression(engine, facts, rule, outputs):
    decision = decide(facts, engine)
    assert decision.rule == rule
    shown = decision.to_dict()["outputs"]
    assert shown == outputs | {"left": "1d" if outputs["left"] == "24h" else outputs["left"]}


def test_an_explanation_shows_values_and_hides_what_depends_on_a_private_fact():
    explanation = decide({}, explain=True).explanation
    assert explanation is not None
    assert {v["name"]: v["value"] for v in explanation["values"]} == {
        "to_pay": "(private)",
        "left": "1h",
        "label": "(private)",
    }
    assert {c["name"]: c["values"] for c in explanation["conditions"]} == {
        "soon": {"left": "1h"},
        "cheap": {"to_pay": "(private)"},
    }


def test_changes_are_found_through_a_value():
    counterfactuals = decide({"price": 13}, counterfactuals=Budget()).counterfactuals
    assert counterfactuals is not None
    changes = [[(c["fact"], c["value"]) for c in f["changes"]] for f in counterfactuals["found"]]
    assert [("price", 12)] in changes


def test_lint_sees_through_a_value():
    text = POLICY.replace("to_pay < 10", "to_pay < 10 && price - discount > 10")
    [version] = bundle_of(text).policies["sales"].all
    assert "no-constant-condition" in {d.code for d in lint(version.validated)}
    [version] = bundle_of(POLICY).policies["sales"].all
    assert "no-constant-condition" not in {d.code for d in lint(version.validated)}


def test_values_have_mutants_of_which_none_that_changes_a_decision_is_taken_for_equivalent():
    [version] = bundle_of(POLICY).policies["sales"].all
    summaries = []
    for mutant in condition_mutants(version.validated):
        mutated = load_sources([mutant.mutated()]).bundle
        if mutated is not None and mutant.before in ("-", "+", '"cheap" : "dear"'):
            summaries.append(mutant.summary)
            assert not equivalent(version.validated, mutated.policies["sales"].all[0].validated), (
                mutant.summary
            )
    assert "`-` becomes `+`" in summaries and '`"cheap" : "dear"` becomes `("dear") : ("cheap")`' in summaries


def test_only_conditions_are_covered_by_being_true_and_false():
    [version] = bundle_of(POLICY).policies["sales"].all
    assert _empty(version).conditions == ("cheap", "soon") or _empty(version).conditions == ("soon", "cheap")


def test_a_value_named_in_a_sum_counts_with_its_own_terms():
    terms = " + ".join(["price"] * 9)
    text = POLICY.replace("to_pay: price - discount", f"to_pay: {terms}")
    loaded = load_sources([Source("sales.yaml", text.replace("to_pay < 10", "to_pay + to_pay < 10"))])
    assert [d.code for d in loaded.diagnostics if d.severity == "error"] == ["sum-too-long"]
    assert load_sources([Source("sales.yaml", text)]).bundle is not None
