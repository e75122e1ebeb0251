"""What a page says about a version: messages with their values, cases, and claims in sentences."""

from pathlib import Path

import pytest

from documents.source import Source
from engine import load_sources
from engine.cases.reader import read_cases
from engine.cases.run import run_case
from engine.claims.claim import read_claims
from engine.handbook.page import PolicyPage, make_page
from engine.handbook.search import words_of, words_of_all

POLICY = """\
policy: parcel
version: {version}
effective_from: 202{version}-01-01T00:00:00Z
facts:
  kind: {{enum: [letter, parcel], show: true}}
  seller: {{record: {{name: string}}, show: true}}
  weights: {{list: int}}
parameters:
  most: {{type: int, value: {most}, min: 1, max: 50, show: true}}
  fees: {{table: {{kind: {{enum: [letter, parcel]}}, fee: int}}, rows: [[letter, 1], [parcel, 4]]}}
outputs:
  fee: {{type: int, default: 0}}
outcomes: [take, refuse]
on_error: refuse
rules:
  - id: too-heavy
    when: weights.exists(w, w > most)
    then: refuse
    source: Tariff 3
    message: "{{seller.name}} sends at most {{most}} kg as a {{kind}}."
  - id: taken
    for_each: {{row: fees}}
    when: row.kind == kind
    then: take
    set: {{fee: row.fee}}
    message: It costs {{row.fee}}, so {{fee}}.
otherwise: {{id: never, then: take, permit_because: Every kind has a fee., message: Free.}}
"""
CASES = """\
policy: parcel
at: 2021-06-01T00:00:00Z
given: {kind: letter, seller: {name: Sam}}
cases:
  - {name: as it is, facts: {weights: [99]}, expect: {outcome: refuse, rule: too-heavy}}
  - name: with another limit
    with: {most: 40}
    facts: {weights: [45]}
    expect: {outcome: refuse, rule: too-heavy}
  - {name: later, at: 2022-06-01T00:00:00Z, facts: {weights: [99]}, expect: {outcome: refuse, rule: too-heavy}}
"""
CLAIMS = """\
claims:
  - {id: a, policy: parcel, because: x, given: 'kind == "letter"', always: 'outcome == "refuse" || outputs.fee == 1'}
  - {id: b, policy: parcel, because: x, rises: weights, expect: not_laxer, unless: size(weights) > 2, parameters: range}
  - {id: c, policy: parcel, because: x, compare: {kind: [letter, parcel]}, expect: same}
  - {id: d, policy: parcel, because: x, since: 2, never: 'rule == "never"'}
"""


@pytest.fixture
def page(tmp_path: Path) -> PolicyPage:
    """Of version 1."""
    texts = (POLICY.format(version=1, most=30), POLICY.format(version=2, most=20))
    loaded = load_sources([Source("parcel.yaml", "---\n".join(texts))])
    assert loaded.bundle is not None, loaded.diagnostics
    (tmp_path / "cases.yaml").write_text(CASES)
    (tmp_path / "claims.yaml").write_text(CLAIMS)
    cases, problems = read_cases(tmp_path / "cases.yaml")
    claims, mistakes = read_claims(tmp_path / "claims.yaml", loaded.bundle.policies)
    assert [*problems, *mistakes] == []
    version = loaded.bundle.policies["parcel"].by_number[1]
    return make_page(version, [run_case(loaded.bundle, case) for case in cases], claims=claims)


def test_message_has_the_values_of_parameters_and_names_the_rest(page: PolicyPage) -> None:
    assert [words_of(rule.message) for rule in page.rules] == [
        "[seller’s name] sends at most 30 kg as a [kind].",
        "It costs [row’s fee], so [fee].",
    ]


def test_rule_says_where_it_was_decided_and_why_the_rest_is_permitted(page: PolicyPage) -> None:
    assert [rule.notes for rule in (*page.rules, page.otherwise)] == [
        ("Decided in: Tariff 3.",),
        (),
        ("Why: Every kind has a fee.",),
    ]


def test_case_that_assumes_a_value_stands_beside_its_rule(page: PolicyPage) -> None:
    assert [case.name for case in page.rules[0].cases] == ["as it is", "with another limit"]


def test_claims_of_this_version_are_said_in_words(page: PolicyPage) -> None:
    assert {claim.id: words_of_all(claim.sentences) for claim in page.claims} == {
        "a": "always: outcome is “refuse” or fee is 1; provided that kind is “letter”",
        "b": "when weights rises, the decision never becomes more permissive; "
        "unless the number of items in weights is more than 2; whatever the numbers are set to, within their bounds",
        "c": "when only kind changes from “letter” to “parcel”, the decision stays the same",
    }
