"""Trial decisions with other parameter values, which never come into force."""

from datetime import UTC, datetime

import pytest

from decisions import Subject, bundles, decide, trial

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
POLICY = "moderation_profiles"
CELL = "thresholds[normal/spam].block"


def signal(category: str, score: float) -> dict[str, object]:
    return {"category": category, "score": score, "detector": "lexicon", "reported": False, "quoted": False}


def outcome(category: str, score: float) -> str:
    facts = {
        "mode": "normal",
        "language": "english",
        "signals": [signal(category, score)],
        "unavailable": [],
        "earlier_insults": [],
    }
    subject = Subject(kind="trial", id=None, actor_id=None)
    decision = decide(POLICY, facts, now=NOW, subject=subject, record=False)
    assert decision.errors == ()
    return decision.outcome


def test_tunables_are_the_numbers_of_the_policy_with_bounds_and_keys():
    tunables = {tunable.name: tunable for tunable in trial.tunables(POLICY, now=NOW)}
    scalar, cell, count = (tunables[name] for name in ("hard_limit", CELL, "repeated_insults[dispute].flag"))
    assert (scalar.value, scalar.minimum, scalar.maximum, scalar.row) == (0.9, 0.5, 0.99, ())
    assert (cell.value, cell.row, cell.column) == (0.9, (("mode", "normal"), ("category", "spam")), "block")
    assert (count.value, count.read("5")) == (3, 5)
    with pytest.raises(ValueError, match="a whole number"):
        count.read("5.5")
    assert {"insult_window", "support", "hard_categories"}.isdisjoint(tunables)


def test_changed_cell_counts_only_while_pinned():
    digest = bundles.in_force().digest
    assert outcome("spam", 0.7) == "flag"
    with bundles.pinned(trial.adjusted(POLICY, {CELL: 0.6}, now=NOW)):
        assert outcome("spam", 0.7) == "block"
        assert outcome("spam", 0.59) == "flag"
    assert outcome("spam", 0.7) == "flag"
    assert bundles.in_force().digest == digest


def test_changed_parameter_counts():
    assert outcome("threat", 0.1) == "flag"
    with bundles.pinned(trial.adjusted(POLICY, {"look_from": 0.05, "hard_limit": 0.1}, now=NOW)):
        assert outcome("threat", 0.1) == "block"


def test_without_changes_decides_as_in_force():
    with bundles.pinned(trial.adjusted(POLICY, {}, now=NOW)):
        assert [outcome("spam", score) for score in (0.4, 0.5, 0.9)] == ["allow", "flag", "block"]
