"""`hit: unique`: rules with different answers provably never apply together; if they do at run time, `on_error` decides."""

import pytest

from documents.source import Source
from engine.backends.registry import backend
from engine.bundle import load_sources
from engine.explain.budget import Budget
from engine.lint import lint
from engine.mutation.rules import rule_mutants
from tests.engine.policies import NOW, bundle_of
from tests.needs import ENGINES

POLICY = """\
policy: loans
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  age: {type: int, min: 0, max: 150}
  risk: {enum: [low, medium, high]}
  paid: bool
  due_at: timestamp?
parameters:
  rates:
    table: {risk: {enum: [low, medium, high]}, from: int, below: int, rate: int}
    rows: [[low, 0, 65, 3], [low, 65, 200, 4], [high, 0, 200, 9]]
outcomes: [approve, refer, decline]
on_error: decline
hit: unique
rules:
  - {id: minor, when: age < 18, then: decline}
  - {id: young, when: age < 12, then: decline}
  - id: rate
    for_each: {row: rates}
    when: age >= 18 && risk == row.risk && age >= row.from && age < row.below
    then: approve
    set: {rate: row.rate}
  - {id: medium, when: 'age >= 18 && risk == "medium"', then: refer}
otherwise: {id: none, then: decline}
outputs:
  rate: {type: int, default: 0}
"""
FACTS = {"age": 30, "risk": "low", "paid": True, "due_at": None}


def load(text: str, engine: str = "compiler"):
    loaded = load_sources([Source("loans.yaml", text)], compile=backend(engine))
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    return loaded.bundle


def proof(text: str) -> list[tuple[str, str]]:
    [version] = bundle_of(text).policies["loans"].all
    return [(d.severity, d.message) for d in lint(version.validated) if d.code == "not-proven-unique"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("facts", "rule", "outcome", "matched"),
    [
        ({"age": 11}, "minor", "decline", ("minor", "young")),
        ({"age": 17}, "minor", "decline", ("minor",)),
        ({}, "rate[low]", "approve", ("rate[low]",)),
        ({"age": 65}, "rate[low]", "approve", ("rate[low]",)),
        ({"risk": "medium"}, "medium", "refer", ("medium",)),
        ({"risk": "high", "age": 18}, "rate[high]", "approve", ("rate[high]",)),
    ],
)
def test_the_rule_that_applies_decides(engine, facts, rule, outcome, matched):
    decision = load(POLICY, engine).decide("loans", FACTS | facts, now=NOW)
    assert (decision.rule, decision.outcome, decision.matched) == (rule, outcome, matched)


def test_rules_that_exclude_each_other_or_answer_alike_are_proven():
    assert proof(POLICY) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_two_answers_are_on_error(engine):
    bundle = load(POLICY.replace("when: age < 12, then: decline", "when: age < 12, then: refer"), engine)
    decision = bundle.decide("loans", FACTS | {"age": 11}, now=NOW, explain=True)
    assert (decision.outcome, decision.rule, decision.reason) == (
        "decline",
        "on-error",
        "not-unique:minor/young",
    )
    assert (decision.outputs, decision.matched, decision.errors) == ({}, (), ())
    assert decision.message == "the rules `minor` and `young` both apply: they give `decline` and `refer`"
    assert decision.explanation is not None
    assert [r["decides"] for r in decision.explanation["rules"]] == [False] * len(
        decision.explanation["rules"]
    )


@pytest.mark.parametrize(
    ("medium", "told"),
    [
        ("age < 10, then: refer", "they give `decline` and `refer`"),
        ("age < 10, then: decline, status: conflict", "both give `decline`, but not the same status"),
        ("age < 10, then: decline, set: {rate: 1}", "both give `decline`, but not the same outputs"),
    ],
)
def test_the_rules_that_are_named_are_those_that_differ(medium, told):
    """`minor` and `young` agree; the third rule that applies does not."""
    text = POLICY.replace("""'age >= 18 && risk == "medium"', then: refer""", medium)
    decision = load(text).decide("loans", FACTS | {"age": 9}, now=NOW)
    assert decision.reason == "not-unique:minor/medium"
    assert decision.message == f"the rules `minor` and `medium` both apply: {told}"


def test_two_rows_that_set_different_values_are_two_answers():
    text = POLICY.replace("[low, 65, 200, 4]", "[low, 60, 200, 4]")
    assert load(text).decide("loans", FACTS | {"age": 62}, now=NOW).reason == "not-unique:rate[low]/rate[low]"
    [(severity, message)] = proof(text)
    assert severity == "error"
    assert message.startswith(
        "the rows `rate[low]` (line 12) and `rate[low]` (line 12) both match {"
    ) and message.endswith(": both give `approve`, but set `rate` to `3` and to `4`")


@pytest.mark.parametrize(
    ("young", "expected"),
    [
        (
            "age < 12, then: refer",
            "`minor` (line 17) and `young` both apply where {age: 0}: they give `decline` and `refer`",
        ),
        (
            "paid, then: decline",
            "`young` (line 18) and `rate[low]` both apply where {paid: true, age: 18, risk: low}",
        ),
        (
            "due_at != null && due_at < now, then: refer",
            "`minor` (line 17) and `young` both apply where "
            "{age: 0, due_at: 2025-12-31T23:59:59.999999Z, now: 2026-01-01T00:00:00Z}",
        ),
    ],
)
def test_an_overlap_shows_an_input(young, expected):
    problems = proof(POLICY.replace("age < 12, then: decline", young))
    assert any(severity == "error" and message.startswith(expected) for severity, message in problems), (
        problems
    )


BOUNDS = POLICY.replace("age < 18, then: decline}", "age <= 18, then: decline}")


@pytest.mark.parametrize("mended", [("age <= 18", "age < 18"), ("age >= 18 &&", "age > 18 &&")])
def test_rules_that_share_only_a_bound_are_told_to_decide_who_has_it(mended):
    policy = BOUNDS[: BOUNDS.index("  - id: rate")] + BOUNDS[BOUNDS.index("  - {id: medium") :]
    [version] = bundle_of(policy).policies["loans"].all
    [problem] = [d for d in lint(version.validated) if d.code == "not-proven-unique"]
    assert problem.message.startswith(
        "`minor` (line 17) and `medium` both apply where {age: 18, risk: medium}"
    )
    assert problem.hint == (
        "decide which of the two has `age == 18`: write `age < 18` in `minor`, or `age > 18` in `medium`"
    )
    assert proof(policy.replace(*mended)) == []


def test_what_is_not_decided_is_an_error_too():
    text = POLICY.replace("age: {type", "notes: {list: string}\n  id: string\n  age: {type")
    text = text.replace("when: age < 12, then: decline", "when: 'notes.exists(n, n == id)', then: refer")
    unproven = "it is not proven that `minor` (line 19) and `young` never apply together: they give `decline` and `refer`"
    assert ("error", unproven) in proof(text)


def test_changes_are_never_such_that_two_rules_answer():
    text = POLICY.replace("when: age < 12, then: decline", "when: age == 18, then: refer")
    counterfactuals = (
        load(text).decide("loans", FACTS | {"age": 17}, now=NOW, counterfactuals=Budget()).counterfactuals
    )
    assert counterfactuals is not None
    changes = [[(c["fact"], c["value"]) for c in f["changes"]] for f in counterfactuals["found"]]
    assert changes and [("age", 18)] not in changes


def test_the_other_ways_to_decide_are_mutants():
    [version] = bundle_of(POLICY).policies["loans"].all
    summaries = [m.summary for m in rule_mutants(version.validated.policy)]
    assert "`hit` becomes `worst`" in summaries
