"""Exact decimals, `*`, `divide`, `round` and `sum`, from the text of a policy to the decision."""

from decimal import Decimal

import pytest

from documents.source import Source
from engine.backends.registry import backend
from engine.bundle import load_sources
from engine.cases.reader import read_cases
from engine.cases.run import run_case
from engine.explain.budget import Budget
from engine.facts.check import FactsCheck
from engine.lint import lint
from engine.mutation.conditions import condition_mutants
from engine.mutation.parameters import parameter_mutants
from tests.engine.policies import NOW, bundle_of
from tests.needs import needs_durable_rules

POLICY = """\
policy: cancellation
version: 1
effective_from: 2026-01-01T00:00:00Z
source: Terms, section 7
facts:
  price: {decimal: 2, min: 0, max: 100000, show: true}
  nights: {type: int, min: 0, max: 365}
  guests: {type: int, min: 1, max: 20}
  lines: {list: {name: string, price: {decimal: 2, min: 0, max: 1000}, count: {type: int, min: 0, max: 99}}, max_items: 50}
parameters:
  least: {decimal: 2, value: 5, min: 0, max: 50.50, show: true}
  shares: {table: {tier: {enum: [half, full]}, share: {decimal: 2}}, rows: [[half, 0.50], [full, 1.00]]}
values:
  fee: round(price * shares.row("half").share, 2, "half_up")
  tax: round(fee * 0.19, 2, "half_even")
conditions:
  dear: price * nights > 1000.00
outcomes: [free, pays]
on_error: pays
rules:
  - {id: dear, when: dear && nights > 0, then: pays, set: {due: 'max(fee, least) + tax'}, message: *message*}
  - {id: cheap, when: price >= 12.50, then: free, set: {due: 'nights > 0 ? divide(price, nights, 2, "down") : 0'}}
otherwise: {id: none, then: pays, set: {due: 1.5}}
outputs:
  due: {decimal: 2}
  total: {type: {decimal: 2}, value: 'sum(lines.map(l, l.price * l.count))'}
  each: {type: {decimal: 4}, value: 'divide(price, guests, 4, "half_even")'}
  beds: {type: int, value: 'divide(guests, 2, 0, "up") * 2'}
  share: {type: {decimal: 1, optional: true}, value: 'nights != 0 ? divide(guests, nights, 1, "up") : null'}
"""
POLICY = POLICY.replace("due: {decimal: 2}\n", "due: {type: {decimal: 2}}\n")
POLICY = POLICY.replace("*message*", "'Of {price} EUR, at least {least} EUR.'")
LINES = [{"name": "a", "price": "0.10", "count": 3}, {"name": "b", "price": "0.2", "count": 1}]
QUOTED = 'write it in quotes, such as "12.50"'
FACTS = {"price": "99.99", "nights": 3, "guests": 3, "lines": []}


def load(text: str = POLICY, engine: str = "compiler"):
    return load_sources([Source("cancellation.yaml", text)], compile=backend(engine))


def decide(facts: dict, engine: str = "compiler", **asked):
    loaded = load(engine=engine)
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    return loaded.bundle.decide("cancellation", FACTS | facts, now=NOW, **asked)


@pytest.mark.parametrize("engine", ["compiler", "reference"])
@pytest.mark.parametrize(
    ("facts", "rule", "outputs"),
    [
        ({}, "cheap", {"due": "33.33", "total": "0.00", "each": "33.3300", "beds": 4, "share": "1.0"}),
        ({"price": "500.00"}, "dear", {"due": "297.50", "each": "166.6667"}),
        ({"price": "500.01"}, "dear", {"due": "297.51"}),
        ({"price": "0.01"}, "none", {"due": "1.50", "share": "1.0"}),
        ({"price": Decimal("12.5"), "nights": 0}, "cheap", {"due": "0.00", "share": None}),
        ({"lines": LINES}, "cheap", {"total": "0.50"}),
    ],
)  # fmt: skip
def test_amounts_are_exact(engine, facts, rule, outputs):
    decision = decide(facts, engine)
    assert decision.rule == rule
    shown = decision.to_dict()["outputs"]
    assert {name: shown[name] for name in outputs} == outputs
    assert all(isinstance(v, Decimal | int | None) for v in decision.outputs.values())


def test_money_reads_as_an_amount():
    decision = decide({"price": "500"}, explain=True)
    assert decision.message == "Of 500.00 EUR, at least 5.00 EUR."
    assert decision.explanation is not None
    assert decision.explanation["values"][0]["value"] == "250.00"
    assert decision.explanation["conditions"][0]["values"] == {"price": "500.00", "nights": 3}
    assert decision.explanation["rules"][0]["sets"]["due"]["values"] == {
        "fee": "250.00",
        "least": "5.00",
        "tax": "47.50",
    }


@pytest.mark.parametrize(
    ("price", "code", "message"),
    [
        (12.5, "mistyped", "the fact `price` must be a decimal in quotes, not a number; " + QUOTED),
        (12, "mistyped", "the fact `price` must be a decimal in quotes, not a whole number; " + QUOTED),
        ("12.505", "bad-decimal", "the fact `price` is not a number with at most 2 decimal places, such as \"12.50\""),
        ("1e3", "bad-decimal", None),
        (" 1", "bad-decimal", None),
        ("١", "bad-decimal", None),
        (Decimal("NaN"), "bad-decimal", None),
        ("-0.01", "out-of-bounds", "the fact `price` must be from 0.00 to 100000.00"),
        ("999999999999999999", "out-of-bounds", None),
        (None, "null", None),
    ],
)  # fmt: skip
def test_facts_that_are_no_decimals(price, code, message):
    [error] = decide({"price": price}).errors
    assert (error.path, error.code) == ("price", code)
    assert message is None or error.message == message


def test_the_generated_check_says_the_same():
    [version] = bundle_of(POLICY).policies["cancellation"].all
    types = {name: fact.type for name, fact in version.validated.policy.facts.items()}
    check = FactsCheck(types)
    for price in ("0", "0.1", "99999.99", "100000.00", "100000.01", "-1", "1.", ".5", "1.234", ""):
        facts = FACTS | {"price": price}
        assert check.check(facts) == check.check_slowly(facts)


@needs_durable_rules
def test_durable_rules_compares_and_adds_decimals_and_refuses_the_rest_at_its_place():
    text = POLICY.replace("price * nights > 1000.00", "price - 0.5 > 10 && price + least < 999.99")
    loaded = load(text, "durable")
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    assert loaded.bundle.decide("cancellation", FACTS, now=NOW).rule == "dear"
    [problem] = [d for d in load(engine="durable").diagnostics if d.severity == "error"]
    assert (problem.code, problem.line, problem.column) == ("not-in-durable-rules", 17, 9)
    assert "`*`" in problem.message


def test_changes_are_found_through_a_product():
    counterfactuals = decide({"price": "500.00", "nights": 20}, counterfactuals=Budget()).counterfactuals
    assert counterfactuals is not None
    assert [[(c["fact"], c["value"]) for c in f["changes"]] for f in counterfactuals["found"]] == [
        [("price", "50.00")], [("nights", 2)], [("nights", 0)],
    ]  # fmt: skip
    assert counterfactuals["found"][0]["text"] == "free if price is 50.00"


def test_a_case_file_writes_amounts_as_numbers(tmp_path):
    (tmp_path / "case.yaml").write_text("""\
policy: cancellation
at: 2026-03-01T12:00:00Z
with: {least: 7.5}
given: {price: 99.99, nights: 3, guests: 3, lines: [{name: a, price: 0.10, count: 3}]}
cases:
  - name: as numbers
    expect: {outcome: free, rule: cheap, outputs: {due: 33.33, total: 0.3, each: 33.33, beds: 4, share: 1}}
  - name: as texts
    expect: {outcome: free, rule: cheap, outputs: {due: "33.33", total: "0.30", each: "33.3300", beds: 4, share: "1.0"}}
  - name: another amount
    expect: {outcome: free, rule: cheap, outputs: {due: 33.34, total: 0.3, each: 33.33, beds: 4, share: 1}}
  - name: too many places
    expect: {outcome: free, rule: cheap, outputs: {due: 33.333, total: 0.3, each: 33.33, beds: 4, share: 1}}
""")
    cases, problems = read_cases(tmp_path / "case.yaml")
    assert not problems
    results = [run_case(bundle_of(POLICY), case) for case in cases]
    assert [r.passed for r in results] == [True, True, False, False]
    assert [str(f) for f in results[2].failures] == ["outputs.due: expected `33.34`, got `33.33`"]
    assert [p.code for p in results[3].problems] == ["bad-value"]


def test_a_case_may_not_assume_what_the_arithmetic_cannot_do(tmp_path):
    text = POLICY.replace("least: {decimal", "by: {type: int, value: 2}\n  least: {decimal").replace(
        "divide(guests, 2,", "divide(guests, by,"
    )
    (tmp_path / "case.yaml").write_text("""\
policy: cancellation
at: 2026-03-01T12:00:00Z
with: {by: 0}
given: {price: 99.99, nights: 3, guests: 3, lines: []}
cases: [{name: by nothing, expect: {outcome: free, rule: cheap}}]
""")
    [case], _ = read_cases(tmp_path / "case.yaml")
    assert [p.code for p in run_case(bundle_of(text), case).problems] == ["may-be-zero"]


def test_lint_finds_nothing_in_a_policy_with_amounts():
    [version] = bundle_of(POLICY).policies["cancellation"].all
    assert [d.render() for d in lint(version.validated)] == []


def test_amounts_modes_and_operators_have_mutants():
    [version] = bundle_of(POLICY).policies["cancellation"].all
    summaries = [
        m.summary
        for m in [*condition_mutants(version.validated), *parameter_mutants(version.validated.policy)]
    ]
    for wanted in (
        "`12.50` becomes `12.51`",
        "`half_up` becomes `down`",
        "`*` becomes `+`",
        "`0.50` becomes `0.49`",
        "`5` becomes `6`",
    ):
        assert wanted in summaries, summaries


@pytest.mark.parametrize(
    ("change", "code", "hint"),
    [
        (("{due: 1.5}", "{due: 1.505}"), "too-many-places", "write at most 2 decimal places"),
        (("{due: 1.5}", "{due: price * 0.5}"), "too-many-places", 'round(price * 0.5, 2, "half_even")'),
        (("{due: 1.5}", "{due: nights}"), "wrong-type", 'round(nights, 2, "half_even")'),
        (("price >= 12.50", "price >= nights"), "wrong-type", 'round(nights, 2, "half_even")'),
        (("price >= 12.50", "price / 2 > 1"), "not-in-language", "divide(price, 2, 2"),
        (('divide(guests, nights, 1, "up")', 'divide(price, guests - 1, 1, "up")'), "may-be-zero", "`divisor: guests - 1`"),
        (("nights != 0 ? ", "nights == 0 ? "), "may-be-zero", "`(nights != 0 ? "),
        (('"half_up")', '"halfup")'), "bad-rounding", 'write `"half_up"`'),
        (('2, "half_up")', 'nights, "half_up")'), "bad-places", "`2` for cents"),
        (("max: 365}", "max: 9000000000000000}"), "may-leave-bounds", ""),
        (("nights: {type: int, min: 0, max: 365}", "nights: int"), "may-leave-bounds", "give `nights` a `min` and a `max`"),
        (("price * nights", "price * 1.5 * 1.5 * 1.000000000 * 1.000000000"), "too-many-places", "round one side first"),
        (("sum(lines.map(l, l.price * l.count))", "sum(lines)"), "wrong-type", "sum(lines.map(x, x.price))"),
        (("sum(lines.map(l, l.price * l.count))", "sum(price, price)"), "wrong-call", "price + price"),
    ],
)  # fmt: skip
def test_mistakes_with_amounts(change, code, hint):
    errors = [d for d in load(POLICY.replace(*change)).diagnostics if d.severity == "error"]
    assert code in [d.code for d in errors], [d.render() for d in errors]
    assert any(hint in (d.hint or "") for d in errors if d.code == code), [d.render() for d in errors]


def test_an_error_shows_the_interval():
    [problem] = load(POLICY.replace("nights: {type: int, min: 0, max: 365}", "nights: int")).diagnostics[:1]
    assert problem.message == (
        "`price * nights` may be anything from -9.0e20 to 9.0e20, beyond what can be computed exactly (±9.2e16): "
        "`nights` has no `min` and no `max`"
    )


@pytest.mark.parametrize("engine", ["compiler", "reference"])
@pytest.mark.parametrize(
    ("value", "type_", "shown"),
    [
        ("nights > 0 ? 0.5 : 0", "{decimal: 1}", Decimal("0.5")),
        ("nights > 9 ? 0.25 : nights > 0 ? 1 : 0", "{decimal: 2}", Decimal("1.00")),
        ("(nights > 0 ? 0.5 : 0) * guests", "{decimal: 1}", Decimal("1.5")),
        ("nights > 0 ? 0.5 : 0", "double", 0.5),
        ("nights > 9 ? 0.5 : 0", "double", 0.0),
    ],
)
def test_a_whole_number_beside_one_with_a_point_is_of_its_type(engine, value, type_, shown):
    text = POLICY.replace("outputs:\n", f"outputs:\n  added: {{type: {type_}, value: '{value}'}}\n")
    bundle = load(text, engine).bundle
    assert bundle is not None
    added = bundle.decide("cancellation", FACTS, now=NOW).outputs["added"]
    assert (added, type(added)) == (shown, type(shown))
