"""Reports unreachable rules, and no others, however odd they look."""

import itertools
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.backends import reference
from engine.lint import no_unreachable_rule
from engine.policy.validated import ValidatedPolicy
from tests.work import counted

from .findings import found_by, policy_of, policy_with

MOST_CALLS = 10_000_000
FACTS = """
    count: int
    other: int
    score: double
    flag: bool
    mode: {enum: [normal, dispute, support]}
    name: string
    buyer: string
    seller: string
    tags: {list: string}
    items: {list: {kind: string, size: int}}
    closed_at: timestamp?
    rank: {enum: [low, high], optional: true}
"""

SHADOWED = [
    ("count >= 10", "count >= 20"),
    ("count > 9", "count >= 10"),
    ("count >= 10", "count == 12"),
    ("count != 3", "count > 3"),
    ("10 <= count", "20 <= count"),
    ("count + 1 > 10", "count >= 10"),
    ("count >= other", "count > other"),
    ("count >= other", "other <= count"),
    ("score >= 0.5", "score > 0.5"),
    ("score > 0.5", "score >= 0.75"),
    ("count in [1, 2, 3]", "count in [1, 3]"),
    ('mode != "normal"', 'mode == "dispute"'),
    ('mode in ["dispute", "support"]', 'mode != "normal"'),
    ('mode == "dispute" || mode == "support" || mode == "normal"', "flag"),
    ("flag", "flag && count > 3"),
    ("flag || count > 3", "flag"),
    ("!(flag && count > 3)", "!flag"),
    ("flag == false", "!flag"),
    ("flag ? count > 3 : count > 5", "count > 5"),
    ("closed_at != null", "closed_at != null && closed_at < now"),
    ("closed_at == null || closed_at <= now", "closed_at == null"),
    ("closed_at != null && now >= closed_at + days(30)", "closed_at != null && now >= closed_at + days(90)"),
    ("buyer == seller", "seller == buyer"),
    ("buyer == seller", 'buyer == "7" && seller == "7"'),
    ("name in tags", "name in tags && flag"),
    ("items.exists(i, i.size > 3)", "flag && items.exists(i, i.size > 3)"),
    ("size(tags) >= 0", "flag"),
    ('name.startsWith("a")', 'name.startsWith("a") && count > 1'),
]

NOT_SHADOWED = [
    ("count >= 20", "count >= 10"),
    ("count > 10", "count >= 10"),
    ("score > 0.5", "score >= 0.5"),
    ("score > 0.1", "score + 0.1 > 0.2"),
    ("count >= 10", "other >= 20"),
    ("count >= other", "other >= count"),
    ("count in [1, 3]", "count in [1, 2, 3]"),
    ('mode == "dispute"', 'mode != "normal"'),
    ('mode == "normal"', 'rank != null && rank == "low"'),
    ("flag && count > 3", "flag"),
    ("flag", "!flag"),
    ("flag ? count > 3 : count > 5", "count > 3"),
    ("closed_at != null && closed_at < now", "closed_at != null"),
    ("closed_at != null && closed_at < now", "closed_at == null"),
    ("closed_at != null && now >= closed_at + days(90)", "closed_at != null && now >= closed_at + days(30)"),
    ("buyer == seller", "buyer != seller"),
    ('buyer == "7"', "buyer == seller"),
    ("items.exists(i, i.size > 3)", "items.exists(i, i.size > 2)"),
    ("items.all(i, i.size > 3)", "items.exists(i, i.size > 3)"),
    ("size(tags) > 0", "size(name) > 0"),
    ('name.startsWith("a")', 'name.endsWith("a")'),
    ('name == "1"', 'buyer == "1"'),
]

CONTRADICTIONS = [
    "count > 3 && count < 3",
    "count > 3 && count < 4",
    "count > other && other > count",
    "score > 0.5 && score < 0.5",
    'mode == "normal" && mode == "dispute"',
    'mode != "normal" && mode != "dispute" && mode != "support"',
    'mode == "normal" && name == mode && name == "dispute"',
    "flag && !flag",
    "closed_at == null && (closed_at != null && closed_at < now)",
    "buyer == seller && seller == name && buyer != name",
    "size(tags) < 0",
    "false",
    "!(count > 3 || count <= 3)",
]

POSSIBLE = [
    "count > 3 && count < 5",
    "score > 0.5 && score < 0.6",
    "count != 1 && count != 2 && count != 3",
    'mode != "normal" && mode != "dispute"',
    "buyer != seller && seller != name && buyer != name",
    'tags.exists(t, t == "a") && tags.exists(t, t == "b")',
    "items.exists(i, i.size > 3) && items.exists(i, i.size < 3)",
    "count - other > 3 && other - count < -2",
    "closed_at == null || closed_at > now",
    'rank == null || rank == "low" || rank == "high"',
    "0.1 + score > score",
    "true || flag",
]


def a_pair(first: str, second: str) -> ValidatedPolicy:
    return policy_with(
        FACTS, f"{{id: first, when: '{first}', then: deny}}", f"{{id: second, when: '{second}', then: deny}}"
    )


@pytest.mark.parametrize(("first", "second"), SHADOWED)
def test_a_rule_that_an_earlier_one_shadows_is_reported(first: str, second: str):
    problems = found_by(no_unreachable_rule, a_pair(first, second))
    assert [d.severity for d in problems] == ["error"]
    expected = "the rule `second` is never reached: whenever it applies, |the rule `first` always applies, so `second` is"
    assert re.match(expected, problems[0].message)


@pytest.mark.parametrize(("first", "second"), NOT_SHADOWED)
def test_a_rule_that_is_reached_is_not_reported(first: str, second: str):
    assert found_by(no_unreachable_rule, a_pair(first, second)) == []


@pytest.mark.parametrize("condition", CONTRADICTIONS)
@pytest.mark.parametrize("hit", ["first", "worst"])
def test_a_condition_that_never_holds_is_reported(condition: str, hit: str):
    validated = policy_with(FACTS, f"{{id: odd, when: '{condition}', then: deny}}", rest=f"hit: {hit}")
    [problem] = found_by(no_unreachable_rule, validated)
    assert problem.severity == "error" and re.match("the rule `odd` can never apply(:|$)", problem.message)


@pytest.mark.parametrize("condition", POSSIBLE)
def test_a_condition_that_may_hold_is_not_reported(condition: str):
    validated = policy_with(FACTS, f"{{id: odd, when: '{condition}', then: deny}}")
    assert found_by(no_unreachable_rule, validated) == []


def test_where_the_worst_rule_decides_an_earlier_one_shadows_nothing():
    rules = ("{id: many, when: count >= 10, then: deny}", "{id: more, when: count >= 20, then: deny}")
    assert found_by(no_unreachable_rule, policy_with("count: int", *rules, rest="hit: worst")) == []


def test_several_earlier_rules_may_shadow_together():
    rules = [
        f"{{id: r{n}, when: '{c}', then: deny}}" for n, c in enumerate(["count > 3", "count < 5", "flag"])
    ]
    (problem,) = found_by(no_unreachable_rule, policy_with("count: int\nflag: bool", *rules))
    assert (
        problem.message
        == "the rule `r2` is never reached: whenever it applies, one of those before it applies"
    )
    assert (problem.line, problem.column) == (7, 10)


def test_what_follows_a_rule_without_a_condition_is_reported():
    rules = ("{id: everybody, then: deny}", "{id: someone, when: flag, then: allow}")
    (problem,) = found_by(no_unreachable_rule, policy_with("flag: bool", *rules))
    assert problem.message == "the rule `everybody` always applies, so `someone` is never reached"


def test_a_rule_that_always_applies_is_reported_instead_of_each_rule_after_it():
    rules = [
        """{id: all, when: 'flag || count > 3 || count <= 3', then: deny}""",
        *(f"{{id: r{n}, when: count == {n}, then: deny}}" for n in range(5)),
    ]
    (problem,) = found_by(no_unreachable_rule, policy_with("flag: bool\ncount: int", *rules))
    assert problem.message == (
        "the rule `all` always applies, so `r0`, `r1` and 3 more rules are never reached: "
        "`count > 3` or `count <= 3` always holds"
    )
    assert (problem.severity, problem.source_line[problem.column - 1 :][: problem.length]) == (
        "error",
        "count > 3 || count <= 3",
    )


def test_the_parts_that_keep_a_rule_from_applying_are_named():
    rule = "{id: odd, when: 'flag && count > 3', unless: 'count > 1 || flag && count == 9', then: deny}"
    (problem,) = found_by(no_unreachable_rule, policy_with("flag: bool\ncount: int", rule))
    assert problem.message == "the rule `odd` can never apply: `count > 1` holds wherever `count > 3` does"
    assert problem.source_line[problem.column - 1 :][: problem.length] == "count > 1"


def test_the_bound_that_keeps_a_rule_from_applying_is_named():
    rule = "{id: odd, when: 'flag && score > 100', then: deny}"
    (problem,) = found_by(no_unreachable_rule, policy_with("flag: bool\nscore: {type: int, max: 100}", rule))
    assert problem.message == "the rule `odd` can never apply: `score > 100` never holds"
    assert problem.hint == "`score` is at most `100`, as line 3 declares: correct one of the two"


def test_named_conditions_are_looked_into():
    rules = ("{id: one, when: large, then: deny}", "{id: two, unless: small, then: deny}")
    rest = "conditions: {small: count < 20, large: count >= 10 && positive, positive: count > 0}"
    problems = found_by(no_unreachable_rule, policy_with("count: int", *rules, rest=rest))
    assert [d.message.split(":")[0] for d in problems] == ["the rule `two` is never reached"]


def test_a_shadow_that_a_parameter_casts_is_a_warning():
    rules = ("{id: one, when: count >= low, then: deny}", "{id: two, when: count >= high, then: deny}")
    rest = "parameters: {low: {type: int, value: 3}, high: {type: int, value: 5}}"
    (problem,) = found_by(no_unreachable_rule, policy_with("count: int", *rules, rest=rest))
    assert problem.severity == "warning"
    assert problem.message.startswith("with the current parameters, the rule `two` is never reached")


def test_a_shadow_whatever_the_parameter_is_an_error():
    rules = ("{id: one, when: count >= low, then: deny}", "{id: two, when: count >= low && flag, then: deny}")
    rest = "parameters: {low: {type: int, value: 3}}"
    (problem,) = found_by(no_unreachable_rule, policy_with("count: int\nflag: bool", *rules, rest=rest))
    assert problem.severity == "error"


TABLE = (
    "parameters: {{limits: {{table: {{at_least: int, mode: {{enum: [normal, dispute]}}}}, rows: {rows}}}}}"
)
TABLE_FACTS = "count: int\nmode: {enum: [normal, dispute]}"
TABLE_RULE = (
    "{id: over, for_each: {row: limits}, when: count >= row.at_least && mode == row.mode, then: deny}"
)


def test_a_row_below_a_wider_row_is_a_warning():
    rest = TABLE.format(rows="[[10, normal], [20, normal], [5, dispute]]")
    (problem,) = found_by(no_unreachable_rule, policy_with(TABLE_FACTS, TABLE_RULE, rest=rest))
    assert problem.severity == "warning"
    assert problem.message.startswith("the row `20` of the rule `over` is never reached")


def test_rows_that_are_all_reached_are_not_reported():
    rest = TABLE.format(rows="[[20, normal], [10, normal], [5, dispute]]")
    assert found_by(no_unreachable_rule, policy_with(TABLE_FACTS, TABLE_RULE, rest=rest)) == []


def test_a_row_that_one_of_two_rules_reaches_is_not_reported():
    other = "{id: exactly, for_each: {row: limits}, when: other == row.at_least, then: deny}"
    rest = TABLE.format(rows="[[10, normal], [20, normal]]")
    validated = policy_with(f"{TABLE_FACTS}\nother: int", TABLE_RULE, other, rest=rest)
    assert found_by(no_unreachable_rule, validated) == []


def test_a_row_is_not_mixed_up_with_the_item_of_a_list():
    rest = """
        conditions: {large: "items.exists(row, row.size > 3)", small: "items.exists(row, row.size < 3)"}
        parameters: {limits: {table: {size: int}, rows: [[1], [9]]}}
    """
    rules = "{id: odd, for_each: {row: limits}, when: large && small && count > row.size, then: deny}"
    facts = "items: {list: {size: int}}\ncount: int"
    assert [d.message for d in found_by(no_unreachable_rule, policy_with(facts, rules, rest=rest))] == [
        "the row `9` of the rule `odd` is never reached: whenever it applies, the row `1` of the rule `odd` applies before it"
    ]


@pytest.mark.full
def test_conditions_with_very_many_ways_end_within_their_steps():
    """Each condition is used twice by the next, and each rule can be true in thousands of ways that are hard to distinguish."""
    doubled = "\n".join(f"  c{n}: c{n - 1} && (c{n - 1} || flag)" for n in range(1, 8))
    ways = " && ".join(f"(a + b != {n} || b + c != {n} || a - c != {n})" for n in range(40))
    rules = "\n".join(f"  - {{id: r{n}, when: 'c7 && {ways} && a != {n}', then: deny}}" for n in range(20))
    conditions = f"conditions:\n  c0: a > 1\n{doubled}"
    validated = policy_of(f"facts: {{a: int, b: int, c: int, flag: bool}}\n{conditions}\nrules:\n{rules}")
    assert counted(lambda: found_by(no_unreachable_rule, validated)).calls < MOST_CALLS


ATOMS = [
    "flag", "spam", "count > 0", "count >= 2", "count < 1", "count == 1", "count != 2", "count <= other", "count == other",
    "other > 1", 'mode == "a"', 'mode != "b"', 'mode in ["a", "c"]', "limit == null", "(limit != null && limit > count)",
    "(limit == null || limit <= 1)", 'name == "x"', "name == title", 'title != "y"', "flag == spam", "count + other > 2",
    "(flag ? count > 0 : other > 0)", "small", "low",
]  # fmt: skip
DOMAINS: dict[str, list[Any]] = {
    "flag": [False, True], "spam": [False, True], "count": [-1, 0, 1, 2, 3], "other": [-1, 0, 1, 2, 3],
    "mode": ["a", "b", "c"], "limit": [None, -1, 0, 1, 2, 3, 4], "name": ["x", "y", "z"], "title": ["x", "y", "z"],
}  # fmt: skip
DECLARED = """
    flag: bool
    spam: bool
    count: int
    other: int
    mode: {enum: [a, b, c]}
    limit: int?
    name: string
    title: string
"""
NAMED = """
    conditions: {small: count < 2 && !spam, low: small || other < 0}
"""

conditions = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        inner.map(lambda c: f"!({c})"),
        st.tuples(inner, st.sampled_from([" && ", " || "]), inner).map(lambda p: f"({''.join(p)})"),
    ),
    max_leaves=4,
)


def decided(validated: ValidatedPolicy) -> set[str]:
    """The rules reached by some facts from the small domains. Facts that no condition reads are not varied."""
    now = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp()) * 1_000_000
    text = " ".join(r.when.text for r in validated.policy.rules if r.when) + " small low count spam other"
    domains = [values if name in text else values[:1] for name, values in DOMAINS.items()]
    ids = set()
    for values in itertools.product(*domains):
        ids.add(reference.decide(validated, dict(zip(DOMAINS, values, strict=True)), now)[1])
    return ids


def unreachable(validated: ValidatedPolicy, rules: int) -> set[str]:
    """The rules reported as unreachable; after a rule that always applies, these are all the rest."""
    ids = set()
    for problem in found_by(no_unreachable_rule, validated):
        name = problem.message.split("`")[1]
        always = "always applies, so" in problem.message
        ids |= {f"rule-{n}" for n in range(int(name.removeprefix("rule-")) + 1, rules)} if always else {name}
    return ids


@given(st.lists(conditions, min_size=2, max_size=4))
def test_no_reachable_rule_is_reported(whens: list[str]):
    rules = [f"{{id: rule-{n}, when: '{when}', then: deny}}" for n, when in enumerate(whens)]
    validated = policy_with(DECLARED, *rules, rest=NAMED)
    accused = unreachable(validated, len(whens))
    if accused:
        assert accused.isdisjoint(decided(validated))


yes_or_no = st.recursive(
    st.sampled_from(["flag", "spam", 'mode == "a"', 'mode != "b"', 'mode in ["a", "c"]', "flag == spam"]),
    lambda inner: st.one_of(
        inner.map(lambda c: f"!({c})"),
        st.tuples(inner, st.sampled_from([" && ", " || "]), inner).map(lambda p: f"({''.join(p)})"),
    ),
    max_leaves=5,
)


@given(st.lists(yes_or_no, min_size=2, max_size=5))
def test_with_booleans_and_enums_every_unreachable_rule_is_reported(whens: list[str]):
    rules = [f"{{id: rule-{n}, when: '{when}', then: deny}}" for n, when in enumerate(whens)]
    facts = "flag: bool\nspam: bool\nmode: {enum: [a, b, c]}"
    validated = policy_with(facts, *rules)
    accused = unreachable(validated, len(whens))
    reached = set()
    for flag, spam, mode in itertools.product([False, True], [False, True], "abc"):
        reached.add(reference.decide(validated, {"flag": flag, "spam": spam, "mode": mode}, 0)[1])
    assert accused == {f"rule-{n}" for n in range(len(whens))} - reached
