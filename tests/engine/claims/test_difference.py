"""Differences between versions: what changed is found and confirmed, and what did not change is proven equal."""

import random
from typing import Any

import pytest

from documents.source import Source
from engine.backends.smt.question import Limits
from engine.backends.smt.z3_solver import Z3
from engine.bundle import load_sources
from engine.claims import difference as module
from engine.claims.difference import Change, Difference, NotConfirmed, compare
from engine.compiled import CompiledPolicy
from engine.expression.quantity import parse_timestamp, to_datetime
from engine.mutation.judge import mutants_of
from tests.engine.claims.minimal import assert_minimal
from tests.engine.claims.policies import difference, edited, text_of, version
from tests.engine.claims.rewriting import rewritten
from tests.engine.generated.chance import FULL
from tests.engine.policies import shipped

POLICIES = sorted(shipped().policies)
SIMPLE = [policy for policy in POLICIES if policy != "moderation_profiles"]


def kinds(found: Difference) -> set[str]:
    return {change.kind for change in found.changes}


def decided(of: CompiledPolicy, change: Change) -> dict[str, Any]:
    now = parse_timestamp(change.now or "")
    assert now is not None
    return of.decide(change.facts, now=to_datetime(now), bundle_digest="", superset=True).to_dict()


def confirm(old: CompiledPolicy, new: CompiledPolicy, found: Difference) -> None:
    """Every input decides as told when it is given as JSON."""
    for change in found.changes:
        if change.facts is None:
            continue
        assert change.confirmed
        assert change.old_decision != change.new_decision
        if change.kind != "accepted":
            assert decided(old, change) == change.old_decision
            assert decided(new, change) == change.new_decision


def test_without_the_rule_of_legal_holds_reasons_change_and_outcomes_do_not():
    rule = text_of("retention").partition("  - id: legal-hold")[2].partition("  - id:")[0]
    found = difference("retention", ("  - id: legal-hold" + rule, ""))
    assert kinds(found) == {"rule"}
    [change] = found.changes
    assert (change.old, change.new) == ("legal-hold", "dispute-open")
    assert found.not_proven == []


def test_one_input_is_found_with_one_question(monkeypatch):
    asked = []
    check = Z3.check

    def counting(solver, **limits):
        asked.append(solver)
        return check(solver, **limits)

    monkeypatch.setattr(Z3, "check", counting)
    old = shipped().policies["retention"].newest
    new = edited("retention", ("now >= closed_at + keep_for", "now >= closed_at + keep_for + keep_for"))
    every = compare(old, new)
    needed = len(asked)
    asked.clear()
    [change] = compare(old, new, one=True).changes
    assert change.kind in kinds(every) and len(asked) == 1 < needed
    assert_minimal(old, new, change)
    confirm(old, new, compare(old, new, one=True))


def test_a_limit_moved_by_a_microsecond_is_found():
    found = difference("retention", ("now >= closed_at + keep_for", "now > closed_at + keep_for"))
    outcome = next(c for c in found.changes if c.kind == "outcome")
    assert (outcome.old, outcome.new) == ("delete", "keep")
    assert outcome.facts == {
        "status": "closed",
        "closed_at": "2025-12-01T00:00:00Z",
        "legal_hold": False,
        "began_at": "2026-01-01T00:00:00Z",
        "purge_started": False,
    }
    assert outcome.now == "2026-03-01T00:00:00Z"


def test_a_dropped_obligation_is_named():
    found = difference("confirmation", ("[complete_order, lock_chat]", "[complete_order]"))
    [change] = found.changes
    assert (change.kind, change.old, change.new) == (
        "obligations",
        ["complete_order", "lock_chat"],
        ["complete_order"],
    )


def test_a_changed_output_is_named():
    found = difference("retention", ("closed && !may_go && !purge_started", "closed && !may_go"))
    assert kinds(found) == {"outputs.may_reopen"}
    assert [(c.old, c.new) for c in found.changes] == [(False, True)]


def test_a_list_has_as_many_items_as_the_difference_needs():
    found = difference(
        "review_eligibility",
        (
            "c.by == buyer_id && c.counterparty == seller_id && c.product_id == product_id",
            "c.product_id == product_id",
        ),
    )
    assert kinds(found) == {"outcome"}
    [change] = found.changes
    assert (change.old, change.new) == ("deny", "allow")
    assert change.facts is not None and len(change.facts["confirmations"]) == 2


def test_only_texts_changed():
    found = difference("chat", ("message: The chat is open.", "message: You can write."))
    assert found.equal and found.texts == ["chat"]


def test_identical_text_needs_no_solver(monkeypatch):
    monkeypatch.setattr(module, "ask", None)
    same = shipped().policies["moderation_profiles"].all[-1]
    assert compare(same, same).equal


def test_an_input_that_only_one_side_accepts_is_a_kind_of_its_own():
    found = difference("disputes", ("files: int ", "files: {type: int, max: 10} "))
    accepted = [c for c in found.changes if c.kind == "accepted"]
    assert [(c.old, c.new) for c in accepted] == [("accepted", "refused")]
    assert accepted[0].facts is not None and accepted[0].facts["files"] == 11


def test_a_fact_of_another_type_cannot_be_compared():
    found = compare(
        version(COUNTED),
        version(
            COUNTED.replace("n: int", "n: double").replace("n > 3", "n > 3.0").replace("n <= 3", "n <= 3.0")
        ),
    )
    assert kinds(found) == {"accepted"}
    assert not found.equal


COUNTED = """\
policy: counted
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  n: int
  names: {list: string}
  items: {list: {n: int}}
outcomes: [allow, deny]
on_error: deny
rules: [{id: many, when: n > 3, then: deny}, {id: few, when: n <= 3, then: allow}]
otherwise: {id: other, then: deny}
"""


def with_rule(condition: str, text: str = COUNTED) -> CompiledPolicy:
    return version(text.replace("when: n > 3", f"when: '{condition}'"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("items.all(c, items.exists(d, d.n == c.n - 1))", "items.all(c, items.exists(d, d.n + 1 == c.n))"),
        ("size(items) > n", "!(size(items) <= n)"),
        ("size(items) > 999", "!(size(items) <= 999)"),
    ],
)
def test_what_no_bound_is_known_of_is_not_proven(one, other):
    found = compare(with_rule(one + " && n == 1"), with_rule("n == 1 && " + other))
    assert not found.equal
    assert found.not_proven and not found.changes
    assert all("max_items" in missing.why for missing in found.not_proven)


SUMMED = COUNTED.replace("items: {list: {n: int}}", "items: {list: {n: {type: int, min: 0, max: 9}}}")


def test_a_sum_over_a_thousand_items_is_not_proven():
    total = "sum(items.map(i, i.n))"
    found = compare(with_rule(f"{total} > 3", SUMMED), with_rule(f"!({total} <= 3) || n == -7", SUMMED))
    assert found.not_proven and not found.equal


def test_a_sum_over_few_items_is_proven():
    few = SUMMED.replace(
        "list: {n: {type: int, min: 0, max: 9}}}", "list: {n: {type: int, min: 0, max: 9}}, max_items: 3}"
    )
    total = "sum(items.map(i, i.n))"
    assert compare(with_rule(f"{total} > 3", few), with_rule(f"!({total} <= 3)", few)).equal


def test_assumed_bounds_are_named():
    limits = Limits(assumed_items=2)
    one = with_rule("items.all(c, items.exists(d, d.n == c.n - 1))")
    other = with_rule("!items.exists(c, !items.exists(d, c.n == d.n + 1))")
    found = compare(one, other, limits=limits)
    assert found.equal and found.assumed == 2


@pytest.mark.parametrize(
    ("why", "seconds", "told"),
    [
        ("timeout", 0.5, "the time was over"),
        ("canceled", 0.5, "the time was over, or the solver reached its limit"),
        ("canceled", None, "the solver reached its limit"),
        ("incomplete quantifiers", None, "the solver does not know (incomplete quantifiers)"),
    ],
)
def test_what_the_solver_does_not_know_is_not_proven(why, seconds, told, monkeypatch):
    asked = []

    def unknown(_solver, *, effort, milliseconds):
        asked.append((effort, milliseconds))
        return "unknown", why

    monkeypatch.setattr(Z3, "check", unknown)
    same = edited("retention", ("now >= closed_at + keep_for", "!(now < closed_at + keep_for)"))
    found = compare(shipped().policies["retention"].newest, same, limits=Limits(effort=7, seconds=seconds))
    assert not found.equal and found.changes == [] and found.texts == []
    assert {missing.why for missing in found.not_proven} == {told}
    assert {"outcome", "rule", "outputs.may_reopen"} <= {missing.kind for missing in found.not_proven}
    assert set(asked) == {(7, None if seconds is None else 500)}


NAMED = COUNTED.replace("  n: int\n", "  n: int\n  name: {type: string, max_length: 20}\n")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('name.startsWith("ab")', 'name.startsWith("ab") && name.startsWith("a")'),
        ('name.contains("b")', 'name.contains("b") || name.contains("abc")'),
        ("size(name) > 3", "!(size(name) <= 3)"),
        ('name.lowerAscii() == "ab"', '!(name.lowerAscii() != "ab")'),
    ],
)
def test_functions_on_texts_that_the_solver_decides(one, other):
    found = compare(with_rule(one, NAMED), with_rule(other, NAMED))
    assert found.equal and found.texts == ["counted"]


def test_a_difference_in_a_function_on_texts_is_found():
    found = compare(with_rule('name.startsWith("ab")', NAMED), with_rule('name.startsWith("a")', NAMED))
    assert any(c.kind == "outcome" or c.kind == "rule" for c in found.changes)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('name.matches("^[a-c]+$")', 'name.matches("^[abc]+$")'),
        ('name.trim().lowerAscii() == "ab"', 'name.lowerAscii().trim() == "ab"'),
    ],
)
def test_functions_on_texts_that_no_solver_decides_are_not_proven(one, other):
    found = compare(with_rule(one, NAMED), with_rule(other, NAMED))
    assert found.changes == [] and found.not_proven and not found.equal


def test_a_short_list_is_found_where_any_number_of_items_can_matter():
    found = compare(with_rule("size(items) > n"), with_rule("size(items) >= n"))
    assert found.changes and not found.equal


def test_a_limit_of_effort_makes_it_not_proven():
    found = compare(
        shipped().policies["review_eligibility"].all[-1],
        version(rewritten(shipped().policies["review_eligibility"].all[-1], random.Random(1))),
        limits=Limits(effort=1),
    )
    assert found.not_proven and not found.equal
    assert {missing.why for missing in found.not_proven} == {"the solver reached its limit"}


def test_an_answer_that_the_engine_does_not_confirm_fails(monkeypatch):
    real = CompiledPolicy.decide
    monkeypatch.setattr(CompiledPolicy, "decide", lambda *a, **options: replace_outcome(real(*a, **options)))
    with pytest.raises(NotConfirmed, match="retention"):
        difference("retention", ("value: 90d", "value: 30d"))


def replace_outcome(decision):
    return decision._replace(outcome="keep", rule="x", obligations=(), outputs={}, matched=())


CHOSEN = [POLICIES[number % len(POLICIES)] for number in range(30)] if FULL else SIMPLE[::4]
"""By chance; the edits of `test_edits` are chosen by hand."""


@pytest.mark.parametrize(("number", "policy"), list(enumerate(CHOSEN)))
def test_mutants_are_named_or_told_as_text(number, policy):
    chance = random.Random(number)
    old = shipped().policies[policy].all[-1]
    mutants = list(mutants_of([old.validated]))
    loaded = None
    while loaded is None:
        mutant = chance.choice(mutants)
        loaded = load_sources([mutant.mutated()]).bundle
    new = loaded.policies[policy].all[-1]
    found = compare(old, new)
    assert found.not_proven == [], mutant.summary
    assert found.changes or found.texts == [policy], mutant.summary
    confirm(old, new, found)
    for change in found.changes:
        if change.facts is not None:
            assert_minimal(old, new, change)


@pytest.mark.parametrize(("number", "policy"), list(enumerate(POLICIES if FULL else SIMPLE[1::4])))
def test_rewritten_policies_are_equal(number, policy):
    old = shipped().policies[policy].all[-1]
    new = version(rewritten(old, random.Random(number)))
    assert old.digest != new.digest
    found = compare(old, new)
    assert (found.changes, found.not_proven) == ([], [])
    assert found.equal


def test_a_rewritten_policy_is_not_equal_to_an_edited_one():
    """So that equality of rewritten policies proves something."""
    old = edited("retention", ("value: 90d", "value: 91d"))
    new = version(rewritten(shipped().policies["retention"].all[-1], random.Random(0)))
    assert "outcome" in kinds(compare(old, new))


def test_sources_differ_by_name_only():
    text = text_of("chat")
    loaded = load_sources([Source("other.yaml", text)]).bundle
    assert loaded is not None
    assert compare(shipped().policies["chat"].all[-1], loaded.policies["chat"].all[-1]).equal
