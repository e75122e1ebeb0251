"""Rows as values: `fees.row(carrier, size)` is the row with that key, or null."""

import pytest

from documents.source import Source
from engine.backends.registry import backend
from engine.bundle import load_sources
from engine.cases.reader import read_cases
from engine.cases.run import run_case
from engine.explain.budget import Budget
from engine.lint import lint
from engine.mutation.conditions import condition_mutants
from engine.mutation.equivalence import equivalent
from tests.engine.policies import NOW, bundle_of
from tests.needs import ENGINES

POLICY = """\
policy: parcels
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  carrier: {enum: [post, courier]}
  size: {enum: [small, large]}
  city: string
  stops: {list: string}
  express: bool
parameters:
  fees:
    table: {carrier: {enum: [post, courier]}, size: {enum: [small, large]}, fee: int, takes: duration}
    key: [carrier, size]
    rows:
      - [post, small, 400, 2d]
      - [post, large, 900, 3d]
      - [courier, small, 700, 1d]
      - [courier, large, 1500, 1d]
  zones: {table: {city: string, zone: int}, rows: [[Bonn, 1], [Rome, 3]]}
  surcharge: {table: {express: bool, more: int}, rows: [[true, 500], [false, 0]]}
values:
  fee: fees.row(carrier, size)
  zone: zones.row(city)
conditions:
  near: zone != null && zone.zone == 1
  far_stop: stops.exists(s, zones.row(s) != null && zones.row(s).zone > 2)
outcomes: [send, stop]
on_error: stop
rules:
  - {id: near, when: near && fee.fee < 1000, then: send, set: {price: fee.fee + surcharge.row(express).more}}
  - {id: far, when: 'far_stop && fees.row("post", size).takes < days(3)', then: send}
otherwise: {id: nowhere, then: stop}
outputs:
  price: {type: int, default: 0}
  zone: {type: "int?", value: 'zone != null ? zone.zone : null'}
"""
FACTS = {"carrier": "post", "size": "small", "city": "Bonn", "stops": [], "express": False}


def load(text: str = POLICY, engine: str = "compiler"):
    return load_sources([Source("parcels.yaml", text)], compile=backend(engine))


def decide(facts: dict, engine: str = "compiler", **asked):
    loaded = load(engine=engine)
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    return loaded.bundle.decide("parcels", FACTS | facts, now=NOW, **asked)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("facts", "rule", "outputs"),
    [
        ({}, "near", {"price": 400, "zone": 1}),
        ({"express": True, "size": "large"}, "near", {"price": 1400, "zone": 1}),
        ({"carrier": "courier", "size": "large"}, "nowhere", {"price": 0, "zone": 1}),
        ({"city": "Oslo"}, "nowhere", {"price": 0, "zone": None}),
        ({"city": "Oslo", "stops": ["Bonn", "Oslo", "Rome"]}, "far", {"price": 0, "zone": None}),
        ({"city": "Rome", "stops": ["Bonn"]}, "nowhere", {"price": 0, "zone": 3}),
    ],
)
def test_the_row_with_the_key_is_read(engine, facts, rule, outputs):
    decision = decide(facts, engine)
    assert (decision.rule, decision.outputs) == (rule, outputs)


def test_the_first_of_two_rows_with_one_key_counts():
    bundle = bundle_of(POLICY.replace("[[Bonn, 1], [Rome, 3]]", "[[Bonn, 1], [Bonn, 2]]"))
    assert bundle.decide("parcels", FACTS, now=NOW).outputs["zone"] == 1


def test_an_explanation_shows_the_cells_that_were_read():
    explanation = decide({"city": "Oslo"}, explain=True).explanation
    assert explanation is not None
    assert explanation["conditions"][0]["values"] == {"zone": None, "zone.zone": None}
    assert explanation["values"][0] == {
        "name": "fee",
        "value": {"carrier": "post", "size": "small", "fee": 400, "takes": "2d"},
        "text": "fees.row(carrier, size)",
        "values": {"carrier": "post", "size": "small"},
    }
    explanation = decide({}, explain=True).explanation
    assert explanation is not None
    sets = explanation["rules"][0]["sets"]["price"]["values"]
    assert sets == {"fee.fee": 400, "express": False, "surcharge.more": 0}


def test_cells_found_by_a_private_fact_are_hidden():
    text = POLICY.replace("city: string\n", "city: {type: string, private: true}\n", 1)
    explanation = bundle_of(text).decide("parcels", FACTS, now=NOW, explain=True).explanation
    assert explanation is not None
    assert explanation["conditions"][0]["values"] == {"zone": "(private)", "zone.zone": "(private)"}
    assert explanation["values"][1]["value"] == "(private)"


def test_changes_are_found_through_the_keys_of_other_rows():
    counterfactuals = decide({"city": "Oslo"}, counterfactuals=Budget()).counterfactuals
    assert counterfactuals is not None
    assert "send if city is Bonn" in [f["text"] for f in counterfactuals["found"]]


def test_a_table_that_is_only_looked_up_is_used():
    [version] = bundle_of(POLICY).policies["parcels"].all
    assert [d.render() for d in lint(version.validated) if d.code != "require-source"] == []


def test_exchanged_keys_are_a_mutant_and_not_taken_for_equivalent():
    text = POLICY.replace(
        "surcharge: {table: {express: bool",
        "pairs: {table: {a: string, b: string, n: int}, key: [a, b], rows: [[v, w, 1]]}\n  surcharge: {table: {express: bool",
    )
    text = text.replace("near: zone != null", 'near: pairs.row(city, "w") != null && zone != null')
    [version] = bundle_of(text).policies["parcels"].all
    [mutant] = [m for m in condition_mutants(version.validated) if m.before == 'city, "w"']
    mutated = load_sources([mutant.mutated()]).bundle
    assert mutated is not None
    assert not equivalent(version.validated, mutated.policies["parcels"].all[0].validated)


def test_an_edit_that_makes_a_table_partial_is_reported_at_the_table():
    loaded = load(POLICY.replace("      - [courier, large, 1500, 1d]\n", ""))
    [problem] = [d for d in loaded.diagnostics if d.severity == "error"]
    assert (problem.code, problem.line) == ("incomplete-table", 11)
    assert (
        problem.message
        == "the table `fees` has no row for `courier`, `large`, and the rule `near` relies on one"
    )
    assert problem.hint == "add the row `[courier, large, …, …]`, or test `fees.row(…) != null` first"


def test_a_test_that_a_complete_table_does_not_need_is_no_mistake():
    text = POLICY.replace("near && fee.fee < 1000", "near && fee != null && fee.fee < 1000")
    assert load(text).bundle is not None
    partial = text.replace("      - [courier, large, 1500, 1d]\n", "")
    assert load(partial).bundle is not None


def test_a_case_may_not_assume_a_table_that_lacks_a_row_which_is_relied_on(tmp_path):
    case = """\
policy: parcels
at: 2026-03-01T12:00:00Z
with: {surcharge: [[true, 1]]}
given: {carrier: post, size: small, city: Bonn, stops: [], express: false}
cases: [{name: no row, expect: {outcome: send, rule: near}}]
"""
    (tmp_path / "case.yaml").write_text(case)
    [read], problems = read_cases(tmp_path / "case.yaml")
    assert not problems
    result = run_case(bundle_of(POLICY), read)
    assert [p.code for p in result.problems] == ["incomplete-table"]


@pytest.mark.parametrize(
    ("change", "code", "hint"),
    [
        (("zone != null && zone.zone", "zone.zone"), "may-be-null", "test it first: `zone != null && …`"),
        (("zones.row(city)", "zones.row(city, size)"), "wrong-call", "write `zones.row(city)`"),
        (("zones.row(city)", "zones.row(express)"), "wrong-type", None),
        (('fees.row("post", size)', 'fees.row("mail", size)'), "unknown-value", '`"post"`, `"courier"`'),
        (("zones.row(city)", "zones.exists(z, true)"), "table-as-value", "`zones.row(city)`"),
        (("fee.fee < 1000", "fee.fees < 1000"), "unknown-field", "did you mean `fee`?"),
        (("fee.fee < 1000", "fee < 1000"), "wrong-type", None),
    ],
)
def test_mistakes_with_rows(change, code, hint):
    errors = [d for d in load(POLICY.replace(*change)).diagnostics if d.severity == "error"]
    assert code in [d.code for d in errors], [d.render() for d in errors]
    if hint is not None:
        assert any(hint in (d.hint or "") for d in errors if d.code == code), [d.render() for d in errors]
