"""Mutation testing of policies: which mutants are generated, what exactly each changes, and which cases detect it."""

from pathlib import Path
from textwrap import dedent

import pytest

from engine.cases.reader import read_cases
from engine.mutation.conditions import condition_mutants
from engine.mutation.judge import Verdicts, judge
from engine.mutation.parameters import parameter_mutants
from engine.mutation.rules import rule_mutants
from tests.engine.policies import bundle_of

HEAD = "policy: limits\nversion: 1\neffective_from: 2026-01-01T00:00:00Z\n"
POLICY = (
    HEAD
    + """\
facts: {amount: int, paid: bool, size: {enum: [s, m, l]}, tags: {list: string}}
parameters:
  most: {type: int, value: 10, min: 0, max: 10}
outcomes: [allow, review, deny]
on_error: deny
rules:
  - {id: unpaid, unless: paid, then: deny}
  - id: small
    when: amount < most && size == "s"
    then: allow
    obligations: [lock_chat, hold]
otherwise: {id: rest, then: review}
"""
)


def mutants_of(text: str) -> dict[str, str]:
    """The description of each mutant, and the resulting text."""
    texts = {}
    for version in bundle_of(text).policies["limits"].all:
        mutants = [*rule_mutants(version.validated.policy), *condition_mutants(version.validated)]
        for mutant in [*mutants, *parameter_mutants(version.validated.policy)]:
            texts[mutant.summary] = mutant.mutated().text
    return texts


def with_condition(condition: str) -> str:
    return POLICY.replace('when: amount < most && size == "s"', f"when: {condition}")


def changed_lines(before: str, after: str) -> list[str]:
    old = before.splitlines()
    return [line.strip() for line in after.splitlines() if line not in old]


def mutations_of_condition(condition: str) -> set[str]:
    """The mutations of the condition of the rule `small` only."""
    rest = set(mutants_of(with_condition("amount < -7"))) - set(mutants_of(with_condition("paid")))
    assert rest == {"`<` becomes `<=`", "`<` becomes `>=`", "`-7` becomes `-8`", "`-7` becomes `-6`"}
    return set(mutants_of(with_condition(condition))) - set(mutants_of(with_condition("paid")))


@pytest.mark.parametrize(
    ("condition", "summaries"),
    [
        ("amount >= most", {"`>=` becomes `>`", "`>=` becomes `<`"}),
        ("amount == most", {"`==` becomes `!=`"}),
        (
            "amount + most > most",
            {"`+` becomes `-`", "`>` becomes `>=`", "`>` becomes `<=`"},
        ),
        ("paid == true", {"`==` becomes `!=`", "`true` becomes `false`"}),
        ('size == "l"', {"`==` becomes `!=`", "`l` becomes `s`"}),
        ('size in ["s"]', {'`size in ["s"]` becomes `!(size in ["s"])`', '`"s"` is dropped', "`s` becomes `m`"}),
        ('"!paid"', {"`!` is dropped"}),
        ("paid || paid", {"`||` becomes `&&`", "`paid ||` is dropped", "`|| paid` is dropped"}),
        (
            'tags.exists(t, t == "a")',
            {"`exists` becomes `all`", "`==` becomes `!=`"},
        ),
    ],
)  # fmt: skip
def test_changes_tried_in_a_condition(condition, summaries):
    assert mutations_of_condition(condition) == summaries


@pytest.mark.parametrize(
    "written",
    [
        'amount < most && size == "s"',
        "'amount < most && size == \"s\"'",
        '"amount < most && size == \\"s\\""',
        '>-\n      amount < most\n        && size == "s"',
        '|-\n      amount < most &&\n      size == "s"',
    ],
)
def test_a_condition_changes_alike_in_every_style(written):
    made = mutants_of(with_condition(written))
    dropped = next(text for summary, text in made.items() if summary.startswith("`amount < most &&`"))
    assert changed_lines(POLICY, dropped) == ['when: "size == \\"s\\""']


def test_caret_is_below_what_changes():
    [version] = (
        bundle_of(with_condition('>-\n      amount < most\n        && size == "s"')).policies["limits"].all
    )
    mutant = next(m for m in condition_mutants(version.validated) if m.summary == "`==` becomes `!=`")
    shown = mutant.diagnostic().render().splitlines()
    assert shown[0].endswith("error[survived]: no case notices when `==` becomes `!=`")
    assert shown[1:3] == ['   14 |         && size == "s"', "      |                 ^^"]


@pytest.mark.parametrize(
    ("summary", "lines"),
    [
        ("the rule `unpaid` is dropped", []),
        ("the outcome of `small` becomes `review`", ["then: review"]),
        ("the outcome of `rest` becomes `allow`", ["otherwise: {id: rest, then: allow}"]),
        ("`on_error` becomes `review`", ["on_error: review"]),
        ("the obligation `hold` of `small` is dropped", ["obligations: [lock_chat]"]),
        ("the obligation `lock_chat` of `small` is dropped", ["obligations: [hold]"]),
        ("the `unless` of `unpaid` is dropped", ["- {id: unpaid, unless: false, then: deny}"]),
        ("the `when` of `small` is dropped", ["when: true"]),
        ("`10` becomes `9`", ["most: {type: int, value: 9, min: 0, max: 10}"]),
    ],
)
def test_changes_of_rules_and_values(summary, lines):
    assert changed_lines(POLICY, mutants_of(POLICY)[summary]) == lines


def test_rules_change_places():
    swapped = mutants_of(POLICY)["the rules `unpaid` and `small` change places"]
    ids = [rule.rule.id for rule in bundle_of(swapped).policies["limits"].all[0].validated.rules]
    assert ids == ["small", "unpaid"]
    assert sorted(swapped.split()) == sorted(POLICY.split())


TABLE = POLICY.replace(
    "  most: {type: int, value: 10, min: 0, max: 10}\n",
    """\
  most: {type: int, value: 10, min: 0, max: 10}
  words: {list: {enum: [a, b, c]}, value: [a, b]}
  levels:
    table: {size: {enum: [s, m]}, from: double, keep: duration}
    rows:
      - [s, 0.50, 90d]   # small
      - [m, 1.00, 36h]
""",
).replace('when: amount < most && size == "s"', "when: amount < most\n    for_each: {row: levels}")


@pytest.mark.parametrize(
    ("summary", "lines"),
    [
        ("`0.50` becomes `0.49`", ["- [s, 0.49, 90d]   # small"]),
        ("`1.00` becomes `1.01`", ["- [m, 1.01, 36h]"]),
        ("`36h` becomes `35h`", ["- [m, 1.00, 35h]"]),
        ("`90d` becomes `91d`", ["- [s, 0.50, 91d]   # small"]),
        ("the row `s` of `levels` is dropped", []),
        ("`a` is dropped from `words`", ["words: {list: {enum: [a, b, c]}, value: [b]}"]),
        ("`words` gets `c` too", ["words: {list: {enum: [a, b, c]}, value: [a, b, c]}"]),
    ],
)
def test_changes_of_tables_and_lists(summary, lines):
    assert changed_lines(TABLE, mutants_of(TABLE)[summary]) == lines


def test_columns_of_a_key_are_left_alone():
    assert {summary for summary in mutants_of(TABLE) if summary.startswith(("`s`", "`m`"))} == set()


CASES = """\
policy: limits
at: 2026-03-01T12:00:00Z
given: {amount: 9, paid: true, size: s, tags: []}
cases:
  - {name: small, expect: {outcome: allow, rule: small, obligations: [lock_chat, hold]}}
  - {name: at the limit, facts: {amount: 10}, expect: {outcome: review, rule: rest}}
  - {name: another size, facts: {size: m}, expect: {outcome: review, rule: rest}}
  - {name: unpaid, facts: {paid: false}, expect: {outcome: deny, rule: unpaid}}
  - {name: misfit, facts: {paid: 1}, expect: {outcome: deny, rule: on-error}}
"""


def verdicts_of(tmp_path: Path, policy: str, cases: str = CASES) -> Verdicts:
    (tmp_path / "limits.yaml").write_text(dedent(cases))
    parsed, problems = read_cases(tmp_path / "limits.yaml")
    assert problems == ()
    return judge(bundle_of(policy), "limits", parsed)


def survivors(verdicts: Verdicts) -> list[str]:
    return [mutant.summary for mutant in verdicts.survivors]


def test_good_cases_leave_no_survivor(tmp_path):
    verdicts = verdicts_of(tmp_path, POLICY)
    assert (survivors(verdicts), verdicts.problems, verdicts.good) == ([], [], True)


def test_refused_mutants_are_not_noticed_ones(tmp_path):
    verdicts = verdicts_of(tmp_path, POLICY)
    assert verdicts.refused == sum(1 for text in mutants_of(POLICY).values() if not loads(text))
    assert verdicts.noticed + verdicts.refused + verdicts.equivalent == len(mutants_of(POLICY))


def loads(text: str) -> bool:
    try:
        bundle_of(text)
    except AssertionError:
        return False
    return True


def test_a_missing_case_is_a_survivor(tmp_path):
    without = "".join(line for line in CASES.splitlines(keepends=True) if "at the limit" not in line)
    assert survivors(verdicts_of(tmp_path, POLICY, without)) == [
        "`amount < most &&` is dropped",
        "`<` becomes `<=`",
    ]


def test_without_cases_every_mutant_survives_that_loads_and_decides_otherwise(tmp_path):
    verdicts = verdicts_of(tmp_path, POLICY)
    bare = judge(bundle_of(POLICY), "limits", [])
    assert (len(bare.survivors), bare.noticed) == (verdicts.noticed, 0)


def test_an_assumption_that_repeats_the_policy_is_a_case_about_its_value(tmp_path):
    assuming = CASES.replace("given:", "with: {most: 10}\ngiven:")
    assert survivors(verdicts_of(tmp_path, POLICY, assuming)) == []


def test_an_assumption_of_another_value_says_nothing_of_the_policys(tmp_path):
    other = CASES.replace("given:", "with: {most: 8}\ngiven:").replace("amount: 9", "amount: 7")
    other = other.replace("amount: 10", "amount: 8")
    assert survivors(verdicts_of(tmp_path, POLICY, other)) == ["`10` becomes `9`"]


def test_rules_that_exclude_each_other_may_change_places(tmp_path):
    exclusive = with_condition('paid && amount < most && size == "s"')
    assert survivors(verdicts_of(tmp_path, exclusive)) == []
    assert verdicts_of(tmp_path, exclusive).equivalent == 2  # the swapped rules, and the redundant `paid &&`


UNNOTICED = with_condition('amount < most && size == "s" && tags.all(t, t != "x")')


def test_a_mark_with_its_reason_excuses_its_line(tmp_path):
    assert survivors(verdicts_of(tmp_path, UNNOTICED)) != []
    marked = UNNOTICED.replace('"x")', '"x")  # mutant: equivalent, because no tag is ever given')
    verdicts = verdicts_of(tmp_path, marked)
    assert (survivors(verdicts), verdicts.marked, verdicts.good) == ([], 2, True)


def test_a_mark_of_a_text_excuses_that_text_only(tmp_path):
    mark = "    # mutant `!=`: equivalent, because no tag is ever given\n    when:"
    verdicts = verdicts_of(tmp_path, UNNOTICED.replace("    when:", mark))
    assert verdicts.marked == 1
    assert survivors(verdicts) == ['`&& tags.all(t, t != "x")` is dropped']


@pytest.mark.parametrize(
    "mark", ["mutant: equivalent", "mutant: because", "mutant `x` equivalent, because so"]
)
def test_a_mark_without_a_reason_is_a_problem(tmp_path, mark):
    verdicts = verdicts_of(tmp_path, POLICY.replace("    then: allow", f"    then: allow  # {mark}"))
    assert [(p.code, p.line) for p in verdicts.problems] == [("bad-mark", 13)]


def test_a_needless_mark_is_a_problem(tmp_path):
    needless = POLICY.replace("    then: allow", "    then: allow  # mutant: equivalent, because I say so")
    verdicts = verdicts_of(tmp_path, needless)
    assert [(p.code, p.line, p.column) for p in verdicts.problems] == [("needless-mark", 13, 18)]
    assert not verdicts.good
