"""What a solver finds in a policy that cannot be meant."""

import re

import pytest

from engine.claims.lint import find
from engine.lint import no_unreachable_rule
from tests.engine.policies import RETURNS, bundle_of, shipped
from tests.sampling import sample


def codes(text: str) -> list[str]:
    [versions] = bundle_of(text).policies.values()
    return [d.code for d in find(versions.all[-1])]


def test_a_good_policy_has_no_finding():
    assert codes(RETURNS) == []


@pytest.mark.parametrize(
    "policy", sample(sorted(shipped().policies.keys() - {"moderation_profiles"}), every=3)
)
def test_shipped_policies_have_no_finding(policy):
    assert list(find(shipped().policies[policy].all[-1])) == []


def test_rows_that_never_decide_are_told_once():
    found = list(find(shipped().policies["moderation_profiles"].all[-1]))
    assert [d.code for d in found] == ["never-applies", "never-decides"]
    assert {d.severity for d in found} == {"warning"}
    assert "and 33 more never apply" in found[0].message
    for finding in found:
        row = re.search(r"\[(.+?)\]", finding.message)
        assert row is not None and re.findall(r"\w+", finding.source_line)[:2] == row[1].split("/")


def test_a_rule_that_others_always_beat():
    text = RETURNS.replace(
        "- {id: large,", "- {id: two, when: 'amount + amount == 3', then: review}\n  - {id: large,"
    )
    [found] = find(bundle_of(text).policies["returns"].newest)
    assert found.code == "never-applies" and "`two`" in found.message
    assert "id: two" in found.source_line


def test_a_rule_that_lint_has_reported_is_not_reported_again():
    text = RETURNS.replace(
        "- {id: large,", "- {id: unpaid, when: '!paid && amount > 3', then: review}\n  - {id: large,"
    )
    [versions] = bundle_of(text).policies.values()
    assert [d.code for d in no_unreachable_rule.find(versions.newest.validated)] == ["no-unreachable-rule"]
    assert codes(text) == []


@pytest.mark.parametrize(
    ("condition", "implied"),
    [
        ("in_time && amount > 1000 && amount > 900", True),
        ("in_time && amount > 1000 && amount < 2000", False),
        ("closed_at != null && now >= closed_at", False),  # the first guards the second
        ("paid && (paid || in_time)", True),
        ("paid || amount > 1000", False),
        ("paid || (paid && in_time)", True),
        ("amount > 900 || amount > 1000", True),
        ("closed_at == null || closed_at != bought_at", False),  # a guard, although `!=` needs none
    ],
)
def test_implied_parts_of_a_condition(condition, implied):
    text = RETURNS.replace("when: in_time && amount > 1000", f"when: {condition}")
    assert ("implied-condition" in codes(text)) is implied


def test_implied_parts_of_named_conditions_and_of_unless():
    named = RETURNS.replace("closed: closed_at != null", "closed: closed_at != null && (paid || !paid)")
    [found] = find(bundle_of(named).policies["returns"].newest)
    assert (
        found.message == "`(paid || !paid)` holds wherever the other parts of this condition of `closed` do"
    )
    refused = RETURNS.replace("unless: paid", "unless: paid || (paid && amount > 3)")
    [found] = find(bundle_of(refused).policies["returns"].newest)
    assert found.message == (
        "`(paid && amount > 3)` holds only where another part of this condition of `never-paid` does"
    )


UNIQUE = """\
policy: unique
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {amount: int, paid: bool}
outcomes: [allow, deny]
on_error: deny
hit: unique
rules:
  - {id: large, when: amount > 100, then: deny}
  - {id: paid, when: paid, then: allow}
otherwise: {id: other, then: deny}
"""


def test_an_overlap_is_shown_with_an_input():
    [versions] = bundle_of(UNIQUE).policies.values()
    [found] = find(versions.all[-1])
    assert found.code == "unique-overlap"
    assert "`large` and `paid` both apply" in found.message and '"amount": 101' in found.message
    assert codes(UNIQUE.replace("when: paid,", "when: paid && amount <= 100,")) == []
