"""Ten different mistakes in one policy are reported in one run, each at its place with a useful hint."""

from documents.source import Source
from engine import load_sources

POLICY = """\
policy: refunds
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  status: {enum: [open, closed]}
  closed_at: timestamp?
  amount: int
  buyer: {type: string, private: true}
parameters:
  window: {type: duration, value: 90d, min: 1d, max: 30d}
conditions:
  fresh: closed_at > now - window
  small: amount < 10.5
  is_open: status == "opne"
  again: agian || small
outcomes: [allow, deny]
on_error: allow
rules:
  - id: Small_Ones
    when: small
    then: allow
  - id: open-ones
    when: is_open and small
    then: alow
  - id: everybody
    then: allow
    message: Hello {buyer}.
otherwise: {id: no, then: deny}
"""

FOUND = [
    (10, 35, "out-of-bounds"),
    (12, 10, "may-be-null"),
    (13, 19, "wrong-type"),
    (14, 22, "unknown-value"),
    (15, 10, "unknown-name"),
    (17, 11, "fails-open"),
    (19, 9, "bad-rule-id"),
    (23, 19, "syntax"),
    (24, 11, "unknown-value"),
    (26, 11, "fails-open"),
    (27, 20, "private-in-message"),
    (28, 17, "ambiguous-boolean"),
]


def test_ten_mistakes_are_all_reported_in_one_run():
    loaded = load_sources([Source("refunds.yaml", POLICY)])
    assert [(d.line, d.column, d.code) for d in loaded.diagnostics] == FOUND
    assert all(d.hint for d in loaded.diagnostics)
