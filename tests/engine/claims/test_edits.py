"""Edits of all shipped policies: each change is named with a smallest input, and what changes nothing is proven equal."""

import json
import subprocess
import sys
from collections import Counter

import pytest

from engine.claims.bundles import compare_policies
from engine.claims.difference import Difference
from tests.engine.claims.edits import EQUAL, PLANTED, Edit, mixed
from tests.engine.claims.minimal import assert_minimal, decider
from tests.engine.claims.policies import text_of, versions
from tests.engine.generated.chance import FULL
from tests.engine.policies import shipped

NOT_DECIDED = {"on_error", "in_force", "policy"}
"""The kinds of change that come without an input."""


def some(edits: list[Edit]) -> list[Edit]:
    quick = [edit for edit in mixed(edits) if edit.policy not in ("moderation_profiles", "inbox_title")]
    return edits if FULL else quick[::12]


def named(edit: Edit) -> str:
    return f"{edit.policy}-{' '.join(sorted(edit.said))}"


def compared(edit: Edit) -> Difference:
    old, new = shipped().policies[edit.policy], versions(edit.of(text_of(edit.policy)))
    return compare_policies({edit.policy: old}, {edit.policy: new}, renamed=edit.renamed)


def test_there_are_sixty_of_each_about_every_policy():
    for edits in (PLANTED, EQUAL):
        assert len(edits) >= 60
        assert Counter(e.policy for e in edits).keys() == shipped().policies.keys()
    assert any(not e.said for e in PLANTED) and not any(e.said for e in EQUAL)


@pytest.mark.parametrize("edit", some(PLANTED), ids=named)
def test_each_edit_is_named_with_a_smallest_input(edit):
    found = compared(edit)
    told = [f"{c.old}->{c.new}" if c.kind == "outcome" else c.kind for c in found.changes]
    assert sorted(told) == sorted(edit.said)
    assert found.not_proven == []
    assert found.texts == ([] if edit.said else [edit.policy])
    by_number = versions(edit.of(text_of(edit.policy))).by_number
    old = shipped().policies[edit.policy].newest
    for change in found.changes:
        assert (change.facts is None) == (change.kind in NOT_DECIDED)
        if change.facts is None:
            continue
        assert change.confirmed and change.old_decision is not None and change.new_decision is not None
        if "not-in-force" in change.old_decision["reason"]:
            continue  # the old side decides by no version; its refusal has tests of its own
        new = by_number[change.new_decision["version"]]
        superset = change.kind != "accepted"
        for side, shown in ((old, change.old_decision), (new, change.new_decision)):
            assert decider(side, change, superset=superset)(change.facts).to_dict() == shown
        if len(by_number) == 1:  # else an input is bound to the time of its version, too
            assert_minimal(old, new, change)


@pytest.mark.parametrize("edit", some(EQUAL), ids=named)
def test_edits_that_change_nothing_are_equal(edit):
    found = compared(edit)
    assert (found.changes, found.not_proven) == ([], [])
    assert found.equal


@pytest.mark.full
def test_rewritten_policies_and_claims_need_little_memory():
    """How long they take is printed, and depends on the machine."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.claims.cost"], check=True, capture_output=True, text=True
    )
    cost = json.loads(done.stdout)
    print(cost)  # noqa: T201
    assert (cost["unequal"], cost["unproven"]) == ([], [])
    assert cost["megabytes"] < 1024
