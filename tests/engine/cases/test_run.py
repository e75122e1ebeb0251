"""Case files, what they report, and what they have covered."""

from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree

import pytest

from engine.cases.coverage import measure_coverage
from engine.cases.junit import to_junit
from engine.cases.reader import read_cases
from engine.cases.run import run_case, undecided_rules
from tests.engine.policies import RETURNS, bundle_of

BUNDLE = bundle_of(RETURNS)
HEAD = """\
policy: returns
at: 2026-03-01T12:00:00Z
given: {paid: true, amount: 10, bought_at: 2026-02-20T12:00:00Z, email: bea@example.com, buyer_id: "7"}
"""


@pytest.fixture
def run(tmp_path: Path):
    def run(body: str):
        path = tmp_path / "returns.yaml"
        path.write_text(HEAD + dedent(body))
        cases, problems = read_cases(path)
        return [run_case(BUNDLE, case) for case in cases], problems

    return run


def test_case_that_holds_passes(run):
    results, problems = run(
        "cases:\n  - {name: a, expect: {outcome: allow, rule: in-time, message: Within 30 days.}}\n"
    )
    assert (problems, [r.passed for r in results]) == ((), [True])


def test_case_that_does_not_hold_names_each_difference(run):
    results, _ = run("cases:\n  - {name: a, facts: {paid: false}, expect: {outcome: allow, rule: in-time}}\n")
    assert [str(f) for f in results[0].failures] == [
        "outcome: expected `allow`, got `deny`",
        "rule: expected `in-time`, got `never-paid`",
    ]


def test_failure_says_which_facts_do_not_fit(run):
    results, _ = run("cases:\n  - {name: a, without: [paid], expect: {outcome: deny, rule: never-paid}}\n")
    assert (
        str(results[0].failures[-1]) == "facts: expected `facts that fit`, got `the fact `paid` is missing`"
    )


def test_expecting_a_rule_that_is_not_there_is_a_mistake_with_a_place(run):
    results, _ = run("cases:\n  - name: a\n    expect: {outcome: deny, rule: never-payed}\n")
    [problem] = results[0].problems
    assert (problem.line, problem.column, problem.code, problem.hint) == (
        6,
        35,
        "unknown-rule",
        "did you mean `never-paid`?",
    )


def test_equality_is_strict_in_type(run):
    results, _ = run("cases:\n  - {name: a, expect: {outcome: allow, rule: in-time, obligations: null}}\n")
    assert [str(f) for f in results[0].failures] == ["obligations: expected None, got []"]


def test_table_makes_a_case_of_each_row(run):
    results, problems = run("""\
        table:
          facts: [paid, amount]
          expect: [outcome, rule]
          rows:
            - [true,  1000, allow,  in-time]
            - [true,  1001, review, large]
            - [false, 10,   deny,   never-paid]
    """)
    assert problems == ()
    assert [(r.case.name, r.passed) for r in results] == [
        ("paid=True, amount=1000", True),
        ("paid=True, amount=1001", True),
        ("paid=False, amount=10", True),
    ]


def test_row_of_another_length_is_a_mistake_with_a_place(run):
    _, problems = run("table:\n  facts: [paid]\n  expect: [outcome, rule]\n  rows:\n    - [true, allow]\n")
    assert [(p.line, p.code) for p in problems] == [(8, "bad-row")]


def test_with_assumes_another_parameter_value(run):
    results, problems = run("""\
        cases:
          - name: a week
            with: {window: 7d}
            expect: {outcome: deny, rule: too-late, message: The 7 days are over.}
    """)
    assert (problems, [r.failures for r in results]) == ((), [()])


def test_with_an_unknown_parameter_is_a_mistake(run):
    results, _ = run("cases:\n  - {name: a, with: {windw: 7d}, expect: {outcome: deny, rule: too-late}}\n")
    assert [(p.code, p.hint) for p in results[0].problems] == [("unknown-name", "did you mean `window`?")]


def test_undecided_rules_are_named(run):
    results, _ = run("cases:\n  - {name: a, expect: {outcome: allow, rule: in-time}}\n")
    assert undecided_rules(BUNDLE, results) == [
        ("returns", "never-paid"),
        ("returns", "large"),
        ("returns", "too-late"),
    ]


def test_failed_cases_cover_nothing(run):
    results, _ = run("cases:\n  - {name: a, expect: {outcome: deny, rule: in-time}}\n")
    assert [c.counts() for c in measure_coverage(BUNDLE, results)] == [
        {"rules": (0, 4), "rows": (0, 0), "conditions": (0, 4)}
    ]


def test_coverage_counts_conditions_both_ways(run):
    results, _ = run("cases:\n  - {name: a, expect: {outcome: allow, rule: in-time}}\n")
    [coverage] = measure_coverage(BUNDLE, results)
    assert coverage.counts() == {"rules": (1, 4), "rows": (0, 0), "conditions": (2, 4)}
    assert coverage.uncovered() == [
        ("rule", "never-paid", "no case is decided by it"),
        ("rule", "large", "no case is decided by it"),
        ("rule", "too-late", "no case is decided by it"),
        ("condition", "in_time", "it is never false"),
        ("condition", "closed", "it is never true"),
    ]


def test_junit_has_a_suite_a_policy(run):
    results, _ = run(
        "cases:\n  - {name: a, expect: {outcome: allow, rule: in-time}}\n  - {name: b, expect: {outcome: deny, rule: in-time}}\n"
    )
    root = ElementTree.fromstring(to_junit(results, []))
    [suite] = root
    assert suite.attrib == {"name": "returns", "tests": "2", "failures": "1", "errors": "0"}
    assert [c.attrib["name"] for c in suite if c.find("failure") is not None] == ["b"]
