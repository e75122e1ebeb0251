"""Thresholds whose order matters: the shipped ones are in order, and each warning says what the engine does."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from decisions import bundles, trial
from detectors.signal import Category, Signal
from engine.compiled import CompiledPolicy
from marketplace.moderation.facts import Mode
from marketplace.moderation.services import POLICY
from marketplace.tuning.orders import find_misplaced
from marketplace.tuning.samples import facts_alone
from marketplace.tuning.thresholds import Side, decide
from tests.engine.policies import shipped
from tests.marketplace.tuning.planted import Values, cells

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
SCORES = [score / 100 for score in range(101)]


def with_values(values: Values) -> CompiledPolicy:
    with bundles.pinned(shipped()):
        return trial.adjusted(POLICY, values, now=NOW).version_at(POLICY, NOW)


def warned(values: Values) -> list[tuple[str, str, str]]:
    return [(each.lower.name, each.upper.name, each.so) for each in find_misplaced(with_values(values))]


def facts(
    mode: Mode, category: Category, score: float, insults: int = 0, detector: str = "lexicon"
) -> Mapping[str, Any]:
    signal = Signal(category, score, 0, 4, detector, "1", f"{category}.x")
    earlier = [NOW - timedelta(minutes=minutes + 1) for minutes in range(insults)]
    return {**facts_alone(mode, signal), "earlier_insults": earlier}


def sides(
    values: Values, mode: Mode, category: Category, insults: int = 0, detector: str = "lexicon"
) -> list[Side]:
    """By score."""
    version = with_values(values)
    return [decide(version, facts(mode, category, score, insults, detector), now=NOW) for score in SCORES]


def without_support(values: Values) -> list[float]:
    """The scores of self-harm that are blocked, and nothing is said."""
    version = with_values(values)
    decisions = {
        score: version.decide(facts("normal", "self_harm", score), now=NOW, bundle_digest="")
        for score in SCORES
    }
    return [
        score for score, each in decisions.items() if each.outcome == "block" and not each.outputs["support"]
    ]


class Case(NamedTuple):
    values: Values
    warning: tuple[str, str, str]
    is_so: Callable[[Values], bool]
    """Whether the engine does what the warning says."""
    in_order: Values = {}
    """With these it does not."""


FLAGS_LATE = "texts are blocked before they are flagged"
WHATEVER = "whatever the table says"
CASES = {
    "flag, block": Case(
        cells("dispute", "sexual", flag=0.95),
        ("thresholds[dispute/sexual].flag", "thresholds[dispute/sexual].block", FLAGS_LATE),
        lambda values: "flagged" not in sides(values, "dispute", "sexual"),
    ),
    "never flagged, but blocked": Case(
        cells("normal", "threat", flag=2.0),
        ("thresholds[normal/threat].flag", "thresholds[normal/threat].block", FLAGS_LATE),
        lambda values: "flagged" not in sides(values, "normal", "threat"),
    ),
    "flag, hold": Case(
        cells("normal", "hate", flag=0.55),
        (
            "thresholds[normal/hate].flag",
            "classifier_may_hold[normal/hate].hold",
            "texts are held before they are flagged",
        ),
        lambda values: "flagged" not in sides(values, "normal", "hate", detector="classifier"),
    ),
    "hold_from, block": Case(
        cells("dispute", "abuse", block=0.45),
        ("hold_from", "thresholds[dispute/abuse].block", "texts are blocked before they are held"),
        lambda values: "held" not in sides(values, "dispute", "abuse"),
    ),
    "block, hard_limit": Case(
        cells("normal", "violence", block=0.97),
        (
            "thresholds[normal/violence].block",
            "hard_limit",
            f"texts are blocked from the second number on, {WHATEVER}",
        ),
        lambda values: sides(values, "normal", "violence").index("blocked") == 90,
    ),
    "flag, look_from": Case(
        cells("normal", "self_harm", flag=0.40),
        (
            "thresholds[normal/self_harm].flag",
            "look_from",
            f"texts are flagged from the second number on, {WHATEVER}",
        ),
        lambda values: sides(values, "normal", "self_harm").index("flagged") == 30,
        cells("normal", "self_harm", flag=0.20),
    ),
    "look_from, block": Case(
        {"look_from": 0.50, **cells("normal", "self_harm", block=0.40)},
        (
            "look_from",
            "thresholds[normal/self_harm].block",
            "texts between the two are blocked without a word of support",
        ),
        lambda values: without_support(values) == [score for score in SCORES if 0.40 <= score < 0.50],
    ),
    "insult_from, block": Case(
        {"insult_from": 0.90},
        (
            "insult_from",
            "thresholds[normal/insult].block",
            "insults are blocked before they count as repeated",
        ),
        lambda values: sides(values, "normal", "insult") == sides(values, "normal", "insult", insults=9),
    ),
    "repeated insults": Case(
        {"repeated_insults[dispute].flag": 7},
        (
            "repeated_insults[dispute].flag",
            "repeated_insults[dispute].block",
            "repeated insults are blocked before they are flagged",
        ),
        lambda values: all(
            "flagged" not in sides(values, "dispute", "insult", insults) for insults in range(9)
        ),
    ),
}


def test_the_shipped_thresholds_are_in_order() -> None:
    assert find_misplaced(shipped().version_at(POLICY, NOW)) == []


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_warning_says_what_the_engine_does(case: Case) -> None:
    assert case.warning in warned(case.values)
    assert case.is_so(case.values)
    assert warned(case.in_order) == []
    assert not case.is_so(case.in_order)


def test_a_warning_is_about_its_row() -> None:
    [found] = find_misplaced(with_values(cells("normal", "insult", flag=0.90)))
    assert (found.mode, found.category) == ("normal", "insult")
    assert (found.lower.value, found.upper.value) == (0.90, 0.80)
    places = [(each.mode, each.category) for each in find_misplaced(with_values({"hold_from": 0.85}))]
    hard = ("threat", "abuse", "hate", "violence")
    assert places == [(mode, category) for mode in ("normal", "dispute") for category in hard]


def test_equal_thresholds_are_in_order() -> None:
    equal = {
        **cells("normal", "spam", 0.90, 0.90),
        **cells("dispute", "hate", 0.45, 0.50),
        "repeated_insults[normal].flag": 4,
    }
    assert warned(equal) == []


def test_never_to_flag_is_not_to_hold() -> None:
    """So `hold_from` is not reached before. A classifier still holds."""
    never = cells("normal", "threat", flag=2.0)
    assert "held" not in sides(never, "normal", "threat")
    assert "held" in sides(never, "normal", "threat", detector="classifier")
    assert [upper for _, upper, _ in warned(never)] == [
        "thresholds[normal/threat].block",
        "classifier_may_hold[normal/threat].hold",
    ]
