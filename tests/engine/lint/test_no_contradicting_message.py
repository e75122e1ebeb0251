import pytest

from engine.lint import no_contradicting_message
from tests.engine.lint.findings import found_by, policy_of

POLICY = """\
policy: late
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {{days: int}}
parameters:
  tiers: {{table: {{to: int, share: int}}, rows: [[3, 25], [9, 50]]}}
outcomes: [allow, deny]
on_error: deny
rules:
  - {rule}
otherwise: {{id: none, then: deny}}
outputs:
  fee: {{type: {type}, default: {default}}}
  wait: {{type: duration, default: 1d}}
"""
ROW = "id: tier, for_each: {row: tiers}, when: days < row.to, then: deny, set: {fee: row.share}"
LATE = "id: late, when: days > 3, then: deny"


def find(rule: str, type_: str = "int", default: str = "0") -> list[str]:
    validated = policy_of(POLICY.format(rule="{" + rule + "}", type=type_, default=default))
    return [problem.message for problem in found_by(no_contradicting_message, validated)]


@pytest.mark.parametrize(
    ("rule", "type_", "mismatch"),
    [
        (
            f"{LATE}, set: {{fee: 700}}, message: You pay 500 cents.",
            "int",
            "500, and `late` sets `fee` to 700",
        ),
        (
            f"{LATE}, set: {{fee: 7.5}}, message: 7.00 EUR.",
            "{decimal: 2}",
            "7.00, and `late` sets `fee` to 7.50",
        ),
        (f"{LATE}, set: {{wait: days(7)}}, message: 14 days.", "int", "14, and `late` sets `wait` to 7 days"),
        (
            f"{ROW}, message: 50 percent.",
            "int",
            "50 for every row, and `tier` sets `fee` to what its row says",
        ),
    ],
)
def test_an_amount_other_than_the_rule_sets_is_reported(rule, type_, mismatch):
    assert find(rule, type_) == [f"the message says {mismatch}"]


@pytest.mark.parametrize(
    ("rule", "type_"),
    [
        (f"{LATE}, set: {{fee: 500}}, message: You pay 500 cents.", "int"),
        (f"{LATE}, set: {{fee: 500}}, message: You pay 5 EUR.", "int"),
        (f"{LATE}, set: {{fee: 500}}, message: 'You pay {{fee}} cents.'", "int"),
        (f"{LATE}, set: {{fee: 500}}, message: 'You pay {{fee}} cents within 14 days, see 7.1.'", "int"),
        (f"{LATE}, set: {{fee: 500}}, message: Too late.", "int"),
        (f"{LATE}, set: {{fee: 7.5}}, message: You pay 7.50 EUR.", "{decimal: 2}"),
        (f"{LATE}, set: {{fee: 500, wait: days(7)}}, message: Wait 7 days.", "int"),
        (f"{LATE}, set: {{fee: days}}, message: You pay 500 cents.", "int"),
        (f"{LATE}, set: {{wait: days(7)}}, message: Wait 7 days.", "int"),
        (f"{ROW}, message: Within 14 days.", "int"),
        (f"{ROW}, message: 'You pay {{fee}} percent.'", "int"),
    ],
)
def test_other_messages_are_not(rule, type_):
    assert find(rule, type_) == []
