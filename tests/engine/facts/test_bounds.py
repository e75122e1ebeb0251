"""Bounds of facts: values outside are rejected, and every analysis of facts uses the bounds."""

from textwrap import dedent

import pytest

from documents.source import Source
from engine.bundle import load_sources
from engine.explain.budget import Budget
from engine.lint import lint
from engine.mutation.bounds import bound_mutants
from engine.mutation.equivalence import equivalent
from engine.mutation.judge import judge
from tests.engine.policies import NOW, bundle_of

POLICY = """\
policy: risks
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  risk: {type: int, min: 1, max: 100}
  share: {type: double, min: 0.5}
  wait: {type: duration?, max: 30d}
  at: {type: timestamp, min: 2026-01-01T00:00:00Z, max: 2026-12-31T00:00:00Z}
  lines: {list: {grade: {type: int, min: 1, max: 6}, type: string}}
  counts: {list: {type: int, max: 3}}
outcomes: [allow, deny]
on_error: deny
rules:
  - {id: low, when: risk < 30, then: allow}
otherwise: {id: high, then: deny}
"""
FACTS = {
    "risk": 50,
    "share": 0.5,
    "wait": "30d",
    "at": "2026-12-31T00:00:00Z",
    "lines": [{"grade": 6, "type": "a"}],
    "counts": [3, -5],
}


def test_the_bounds_belong_to_what_fits():
    assert bundle_of(POLICY).decide("risks", FACTS, now=NOW).errors == ()
    low = {"risk": 1, "wait": None, "at": "2026-01-01T00:00:00Z", "lines": [{"grade": 1, "type": "a"}]}
    assert bundle_of(POLICY).decide("risks", FACTS | low, now=NOW).errors == ()


@pytest.mark.parametrize(
    ("facts", "path", "message"),
    [
        ({"risk": 0}, "risk", "the fact `risk` must be from 1 to 100"),
        ({"risk": 101}, "risk", "the fact `risk` must be from 1 to 100"),
        ({"share": 0.49}, "share", "the fact `share` must be at least 0.5"),
        ({"share": 0}, "share", "the fact `share` must be at least 0.5"),
        ({"wait": "31d"}, "wait", "the fact `wait` must be at most 30d"),
        (
            {"at": "2025-12-31T23:59:59.999999Z"},
            "at",
            "the fact `at` must be from 2026-01-01T00:00:00Z to 2026-12-31T00:00:00Z",
        ),
        (
            {"lines": [{"grade": 7, "type": "a"}]},
            "lines[0].grade",
            "the fact `lines[0].grade` must be from 1 to 6",
        ),
        ({"counts": [3, 4]}, "counts[1]", "the fact `counts[1]` must be at most 3"),
    ],
)
def test_a_value_outside_does_not_fit(facts: dict, path: str, message: str):
    decision = bundle_of(POLICY).decide("risks", FACTS | facts, now=NOW)
    assert [(e.path, e.code, e.message) for e in decision.errors] == [(path, "out-of-bounds", message)]
    assert (decision.outcome, decision.reason) == ("deny", f"out-of-bounds-fact:{path}")


def test_a_value_of_another_type_is_mistyped_and_nothing_more():
    decision = bundle_of(POLICY).decide("risks", FACTS | {"risk": "5"}, now=NOW)
    assert [e.code for e in decision.errors] == ["mistyped"]


def test_a_record_whose_fields_are_called_type_and_min_is_no_type():
    text = POLICY.replace("{grade: {type: int, min: 1, max: 6}, type: string}", "{type: string, min: int}")
    facts = FACTS | {"lines": [{"type": "a", "min": -7}]}
    assert bundle_of(text).decide("risks", facts, now=NOW).errors == ()


def with_rule(condition: str) -> str:
    return POLICY.replace("when: risk < 30", f"when: '{condition}'")


@pytest.mark.parametrize(
    "condition", ["risk > 100", "risk < 1", "share < 0.5", "wait != null && wait > days(30)"]
)
def test_lint_names_a_rule_that_the_bounds_rule_out(condition: str):
    [version] = bundle_of(with_rule(condition)).policies["risks"].all
    assert "no-unreachable-rule" in {d.code for d in lint(version.validated)}


@pytest.mark.parametrize(
    "condition", ["risk >= 100", "risk <= 1", "share <= 0.5", "wait == null || wait >= days(30)"]
)
def test_lint_lets_a_rule_be_that_applies_at_a_bound(condition: str):
    [version] = bundle_of(with_rule(condition)).policies["risks"].all
    assert "no-unreachable-rule" not in {d.code for d in lint(version.validated)}


def changes(condition: str, facts: dict) -> list[dict]:
    asked = bundle_of(with_rule(condition)).decide("risks", FACTS | facts, now=NOW, counterfactuals=Budget())
    assert asked.counterfactuals is not None
    return asked.counterfactuals["found"]


def test_no_change_is_suggested_that_would_leave_the_bounds():
    assert [c["value"] for f in changes("risk < 30", {}) for c in f["changes"]] == [29]
    assert changes("risk < 1 || risk > 100", {}) == []
    assert changes("lines.exists(l, l.grade > 6)", {"lines": []}) == []
    assert changes("lines.exists(l, l.grade > 5)", {"lines": []}) != []


def test_a_shifted_bound_is_a_mutant_that_is_never_equivalent():
    [version] = bundle_of(POLICY).policies["risks"].all
    summaries = [m.summary for m in bound_mutants(version.validated.policy)]
    assert (
        "`1` becomes `2`" in summaries
        and "`0.5` becomes `0.4`" in summaries
        and "`30d` becomes `31d`" in summaries
    )
    assert len(summaries) == 18
    for mutant in bound_mutants(version.validated.policy):
        mutated = load_sources([mutant.mutated()]).bundle
        assert mutated is not None
        assert not equivalent(version.validated, mutated.policies["risks"].all[0].validated)


def test_bounds_do_not_keep_lists_and_conditionals_from_having_one_type():
    text = dedent(POLICY) + dedent("""\
        outputs:
          graded: {type: {list: {grade: int, type: string}}, value: 'lines.filter(l, l.grade > 1)'}
          either: {type: int, value: 'risk > 5 ? risk : -risk'}
        """)
    decision = bundle_of(text).decide("risks", FACTS, now=NOW)
    assert decision.to_dict()["outputs"] == {"graded": [{"grade": 6, "type": "a"}], "either": 50}
    assert load_sources([Source("risks.yaml", text)]).diagnostics == ()


def test_a_surviving_change_of_a_bound_is_reported_at_the_fact():
    verdicts = judge(bundle_of(POLICY), "risks", [])
    assert ("fact", "risk") in {(part.kind, part.name) for part in verdicts.first}
