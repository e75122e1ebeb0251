"""The reference evaluator gives each expression its meaning, and each `hit` its decision."""

from typing import Any

import pytest

from engine.backends import reference
from engine.backends.python import compiler
from engine.compiled import CompiledPolicy
from tests.engine.meanings import AT, FACTS, MEANINGS, bundle_with
from tests.engine.policies import NOW, bundle_of


def decided(
    version: CompiledPolicy, facts: dict[str, Any]
) -> tuple[str, str, tuple[str, ...], dict[str, Any]]:
    checked, errors = version.facts_check.check(facts)
    assert errors == ()
    assert AT is not None
    return reference.decide(version.validated, checked, AT)


@pytest.mark.parametrize(("text", "type_", "value"), MEANINGS, ids=[text for text, _, _ in MEANINGS])
def test_meaning_of_an_expression(text: str, type_: str, value: object) -> None:
    version = bundle_with(text, type_).version_at("meanings", NOW)
    assert decided(version, FACTS)[3] == {"found": value}


RULES = """\
policy: rules
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {{amount: int, kind: string}}
parameters:
  limits: {{table: {{kind: string, most: int, word: string}}, key: [kind, most], rows: [[a, 1, x], [a, 2, x], [b, 3, z]]}}
outcomes: [allow, flag, deny]
on_error: deny
hit: {hit}
rules:
  - {{id: small, when: amount < 3, then: flag}}
  - {{id: over, for_each: {{row: limits}}, when: 'row.kind == kind && amount > row.most && row.word != "z"', then: deny}}
  - {{id: odd, when: amount == 9, then: allow}}
  - {{id: known, for_each: {{row: limits}}, when: row.kind == kind, then: flag}}
otherwise: {{id: nothing, then: deny}}
outputs: {{double: {{type: int, value: amount + amount}}}}
"""


@pytest.mark.parametrize(
    ("amount", "kind", "first", "worst"),
    [
        (0, "a", ("flag", "small", ("small",)), ("flag", "small", ("small", "known[a/1]", "known[a/2]"))),
        (2, "a", ("flag", "small", ("small",)),
         ("deny", "over[a/1]", ("small", "over[a/1]", "known[a/1]", "known[a/2]"))),
        (5, "a", ("deny", "over[a/1]", ("over[a/1]",)),
         ("deny", "over[a/1]", ("over[a/1]", "over[a/2]", "known[a/1]", "known[a/2]"))),
        (5, "b", ("flag", "known[b/3]", ("known[b/3]",)), ("flag", "known[b/3]", ("known[b/3]",))),
        (9, "b", ("allow", "odd", ("odd",)), ("flag", "known[b/3]", ("odd", "known[b/3]"))),
        (9, "c", ("allow", "odd", ("odd",)), ("allow", "odd", ("odd",))),
        (5, "c", ("deny", "nothing", ()), ("deny", "nothing", ())),
    ],
)  # fmt: skip
def test_decision_by_the_meaning_of_hit(
    amount: int, kind: str, first: tuple[object, ...], worst: tuple[object, ...]
) -> None:
    for hit, expected in (("first", first), ("worst", worst)):
        version = bundle_of(RULES.format(hit=hit)).version_at("rules", NOW)
        assert decided(version, {"amount": amount, "kind": kind}) == (*expected, {"double": 2 * amount})


def test_rule_without_a_condition_always_applies() -> None:
    text = RULES.format(hit="worst").replace("id: odd, when: amount == 9, then: allow", "id: odd, then: flag")
    assert decided(bundle_of(text).version_at("rules", NOW), {"amount": 5, "kind": "c"}) == (
        "flag", "odd", ("odd",), {"double": 10},
    )  # fmt: skip


SETS = """\
policy: sets
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {amount: int, at: timestamp}
parameters: {limits: {table: {most: int}, rows: [[9], [3]]}}
outcomes: [allow, deny]
on_error: deny
rules:
  - {id: over, for_each: {row: limits}, when: amount > row.most && now > at, then: deny, set: {fee: row.most * 2}}
otherwise: {id: fine, then: deny, set: {fee: amount}}
outputs: {fee: {type: int}}
"""


@pytest.mark.parametrize(
    ("amount", "at", "rule", "fee"),
    [
        (10, "2026-02-01T00:00:00Z", "over[9]", 18),
        (5, "2026-02-01T00:00:00Z", "over[3]", 6),
        (2, "2026-02-01T00:00:00Z", "fine", 2),
        (10, "2026-04-01T00:00:00Z", "fine", 10),
    ],
)
def test_reference_as_a_backend_reads_rows_and_the_time(amount: int, at: str, rule: str, fee: int) -> None:
    validated = bundle_of(SETS).version_at("sets", NOW).validated
    for compiled in (compiler.compile_policy(validated), reference.compile_policy(validated)):
        decision = compiled.decide({"amount": amount, "at": at}, now=NOW, bundle_digest="")
        assert (decision.rule, decision.outputs) == (rule, {"fee": fee})
