"""Running case files: their reports and their coverage."""

from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree

import pytest

from engine.cases.coverage import measure_coverage
from engine.cases.junit import to_junit
from engine.cases.reader import read_cases
from engine.cases.run import run_case, undecided_rules
from engine.cases.why import describe
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


@pytest.mark.parametrize(
    ("case", "place", "code", "message", "hint"),
    [
        ("without: [paid]", (5, 24), "missing-fact", "the fact `paid` is missing",
         "expect the rule `on-error`, or leave `paid` in"),
        ("facts: {amont: 1}", (5, 23), "unknown-fact", "the fact `amont` is unknown", "did you mean `amount`?"),
        ('facts: {amount: "10"}', (5, 31), "mistyped-fact", "the fact `amount` must be a whole number, not text",
         "leave out the quotes"),
        ("facts: {amount: 5.50}", (5, 31), "mistyped-fact", "the fact `amount` must be a whole number, not a number",
         "count in cents: write `550`; or declare it as `double`"),
        ("facts: {amount: null}", (5, 31), "null-fact", "the fact `amount` is null",
         "give it a value, or let its type in the policy end in `?`"),
    ],
)  # fmt: skip
def test_fact_that_does_not_fit_is_a_mistake_at_its_place(run, case, place, code, message, hint):
    results, _ = run(f"cases:\n  - {{name: a, {case}, expect: {{outcome: deny, rule: never-paid}}}}\n")
    [problem] = results[0].problems
    assert ((problem.line, problem.column), problem.code) == (place, code)
    assert (problem.message, problem.hint, results[0].failures) == (message, hint, ())


def test_facts_that_are_meant_not_to_fit_are_no_mistake(run):
    results, _ = run("cases:\n  - {name: a, without: [paid], expect: {outcome: deny, rule: on-error}}\n")
    assert results[0].passed


def test_expecting_a_rule_that_is_not_there_is_a_mistake_with_a_place(run):
    results, _ = run("cases:\n  - name: a\n    expect: {outcome: deny, rule: never-payed}\n")
    [problem] = results[0].problems
    assert (problem.line, problem.column, problem.code, problem.hint) == (
        6,
        35,
        "unknown-rule",
        "did you mean `never-paid`?",
    )


@pytest.mark.parametrize(
    ("expect", "code", "message", "hint"),
    [
        ("outcome: denied, rule: never-paid", "unknown-outcome", "`denied` is no outcome of `returns`", "did you mean `deny`?"),
        ("outcome: deny, rule: never-paid, outputs: {x: 1}", "unknown-output", "the policy has no output `x`", None),
    ],
)  # fmt: skip
def test_expecting_what_the_policy_cannot_answer_is_a_mistake(run, expect, code, message, hint):
    results, _ = run(f"cases:\n  - {{name: a, facts: {{paid: false}}, expect: {{{expect}}}}}\n")
    assert [(p.code, p.message, p.hint) for p in results[0].problems] == [(code, message, hint)]


def test_row_of_a_table_rule_is_named_where_only_the_rule_is(tmp_path):
    results = run_with_outputs(tmp_path, "expect: {outcome: deny, rule: left}")
    [problem] = results[0].problems
    assert problem.message == "the rule `left` is made for each row, so a case names one of them"
    assert (problem.code, problem.hint) == ("unknown-rule", 'write `"left[short]"`, which decides here')


OUTPUTS = """\
policy: stays
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {ends_at: timestamp, share: double}
parameters:
  lengths: {table: {name: string, least: duration}, rows: [[long, 2d], [short, 1h]]}
outcomes: [allow, deny]
on_error: deny
rules:
  - {id: left, for_each: {row: lengths}, when: ends_at - now > row.least, then: deny}
otherwise: {id: over, then: deny}
outputs:
  left: {type: duration, value: ends_at - now}
  ends: {type: timestamp, value: ends_at}
  share: {type: double, value: share}
"""


def run_with_outputs(folder: Path, case: str):
    path = folder / "stays.yaml"
    path.write_text(
        "policy: stays\nat: 2026-03-01T12:00:00Z\ngiven: {ends_at: 2026-03-02T12:00:00Z, share: 1.0}\n"
        f"cases:\n  - name: a\n    {case}\n"
    )
    cases, problems = read_cases(path)
    assert problems == ()
    return [run_case(bundle_of(OUTPUTS), case) for case in cases]


def test_outputs_are_compared_as_values(tmp_path):
    outputs = "{left: 24h, ends: 2026-03-02T13:00:00+01:00, share: 1}"
    expect = f'expect: {{outcome: deny, rule: "left[short]", outputs: {outputs}}}'
    assert run_with_outputs(tmp_path, expect)[0].failures == ()


def test_only_the_output_that_differs_is_reported(tmp_path):
    outputs = "{left: 25h, ends: 2026-03-02T13:00:00+01:00, share: 1}"
    expect = f'expect: {{outcome: deny, rule: "left[short]", outputs: {outputs}}}'
    [result] = run_with_outputs(tmp_path, expect)
    assert ([str(f) for f in result.failures], result.problems) == (
        ["outputs.left: expected `25h`, got `1d`"],
        (),
    )


def test_expected_output_that_is_no_value_of_its_type_is_a_mistake(tmp_path):
    outputs = "{left: 24 hours, ends: 2026-03-02T12:00:00Z, share: 1}"
    [result] = run_with_outputs(
        tmp_path, f'expect: {{outcome: deny, rule: "left[short]", outputs: {outputs}}}'
    )
    [problem] = result.problems
    assert (problem.code, problem.hint) == ("bad-value", "write `1d`")


def test_failure_only_in_outputs_still_shows_its_rule(tmp_path):
    outputs = "{left: 25h, ends: 2026-03-02T12:00:00Z, share: 1}"
    results = run_with_outputs(
        tmp_path, f'expect: {{outcome: deny, rule: "left[short]", outputs: {outputs}}}'
    )
    assert not results[0].passed
    bundle = bundle_of(OUTPUTS)
    assert undecided_rules(bundle, results) == [("stays", "over")]
    [coverage] = measure_coverage(bundle, results)
    assert coverage.counts()["rows"] == (1, 2)


def test_list_that_differs_names_what_is_missing_and_too_much(run):
    results, _ = run("cases:\n  - {name: a, expect: {outcome: allow, rule: in-time, matched: [large, 1]}}\n")
    assert [str(f) for f in results[0].failures] == [
        "matched: expected `[large, 1]`, got `[in-time]` (missing [large, 1], not expected [in-time])"
    ]


def test_long_texts_are_shown_one_below_the_other(run):
    message = "Within 30 days, and even then only with the receipt."
    results, _ = run(
        f"cases:\n  - {{name: a, expect: {{outcome: allow, rule: in-time, message: {message!r}}}}}\n"
    )
    assert str(results[0].failures[0]).splitlines() == [
        f"message: expected `{message}`",
        "              got `Within 30 days.`",
    ]


def test_failure_says_why_the_expected_rule_does_not_apply(run):
    results, _ = run("cases:\n  - {name: a, expect: {outcome: review, rule: large}}\n")
    assert describe(results[0]) == [
        "outcome: expected `review`, got `allow`",
        "rule: expected `large`, got `in-time`",
        "why: `large` does not apply",
        "   `amount > 1000` does not hold (amount = 10)",
    ]


def test_failure_says_which_rule_was_first(run):
    results, _ = run(
        "cases:\n  - {name: a, facts: {amount: 2000}, expect: {outcome: allow, rule: in-time}}\n"
    )
    assert describe(results[0])[-1] == "why: `in-time` applies too, but `large` decides"


def test_skipped_case_is_not_run_passes_nothing_and_covers_nothing(run):
    results, problems = run(
        "cases:\n  - {name: a, skip: until the refund is paid, expect: {outcome: deny, rule: in-time}}\n"
    )
    assert (problems, [(r.passed, r.failed, r.skipped, r.decision) for r in results]) == (
        (),
        [(False, False, True, None)],
    )
    assert ("returns", "in-time") in undecided_rules(BUNDLE, results)


def test_equality_is_strict_in_type(run):
    results, _ = run("cases:\n  - {name: a, expect: {outcome: allow, rule: in-time, obligations: null}}\n")
    assert [str(f) for f in results[0].failures] == ["obligations: expected `null`, got `[]`"]


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
        ("paid=true, amount=1000", True),
        ("paid=true, amount=1001", True),
        ("paid=false, amount=10", True),
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
    assert suite.attrib == {"name": "returns", "tests": "2", "failures": "1", "errors": "0", "skipped": "0"}
    assert [c.attrib["name"] for c in suite if c.find("failure") is not None] == ["b"]
