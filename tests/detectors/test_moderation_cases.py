"""The functional test table: many kinds of messages, and the decision in both modes, by the rules alone and with the classifier.

The classifier blocks nothing, and flags some messages that the rules know to be harmless, so its minimum shares are lower.
"""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.detectors.shipped import outcome

FOLDER = Path(__file__).parents[1] / "moderation_cases"
CLASSES = {
    path.stem: yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    for path in sorted(FOLDER.glob("*.yaml"))
}
MODES = ("normal", "dispute")
OUTCOMES = {"allow", "flag", "block"}
FLOORS = {False: 0.8, True: 0.5}
"""The minimum share of a class that must be right, without the classifier and with it."""
OVERALL = {False: 0.95, True: 0.9}
REPORTS = [name for name in CLASSES if name.startswith("report_") or name == "quote_with_frame"]
HARSH = ("harsh_with_profanity", "harsh_without_profanity", "shouting", "insult_to_object")
THREATS = ("direct_threat", "conditional_threat", "veiled_threat")


def messages(name: str) -> list[str]:
    return CLASSES[name]["messages"]


@cache
def outcomes(name: str, classifier: bool) -> list[tuple[str, ...]]:
    return [tuple(outcome(text, mode, classifier=classifier) for mode in MODES) for text in messages(name)]


def wanted(name: str) -> list[set[str]]:
    return [set(CLASSES[name][mode].split("-or-")) for mode in MODES]


def wrong(name: str, classifier: bool) -> list[str]:
    return [
        f"{text!r}: {got}"
        for text, got in zip(messages(name), outcomes(name, classifier), strict=True)
        if not all(one in allowed for one, allowed in zip(got, wanted(name), strict=True))
    ]


def test_the_table_is_large_and_every_message_is_there_once():
    counted = Counter(text for name in CLASSES for text in messages(name))
    assert [text for text, times in counted.items() if times > 1] == []
    assert counted.total() >= 450
    assert len(CLASSES) >= 30


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_says_what_it_is_and_what_both_modes_do(name):
    assert CLASSES[name].keys() == {"about", "messages", *MODES}
    assert all(allowed and allowed <= OUTCOMES for allowed in wanted(name))
    assert all(isinstance(text, str) for text in messages(name))


with_and_without = pytest.mark.parametrize("classifier", [False, True], ids=["rules", "with classifier"])


@with_and_without
@pytest.mark.parametrize("name", CLASSES)
def test_no_class_is_below_the_floor(name, classifier):
    mistakes = wrong(name, classifier)
    assert 1 - len(mistakes) / len(messages(name)) >= FLOORS[classifier], "\n".join(mistakes)


@with_and_without
def test_overall_nearly_all_are_right(classifier):
    mistakes = [f"{name}: {line}" for name in CLASSES for line in wrong(name, classifier)]
    right = 1 - len(mistakes) / sum(len(messages(name)) for name in CLASSES)
    assert right >= OVERALL[classifier], "\n".join(mistakes)


@with_and_without
@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("mode", MODES)
def test_no_report_is_blocked(name, mode, classifier):
    got = [one[MODES.index(mode)] for one in outcomes(name, classifier)]
    assert [text for text, one in zip(messages(name), got, strict=True) if one == "block"] == []


@with_and_without
def test_in_a_dispute_harsh_words_at_the_situation_are_never_blocked(classifier):
    got = [one[MODES.index("dispute")] for name in HARSH for one in outcomes(name, classifier)]
    assert got.count("block") <= len(got) // 100


@with_and_without
@pytest.mark.parametrize("mode", MODES)
def test_threats_are_found(mode, classifier):
    got = [one[MODES.index(mode)] for name in THREATS for one in outcomes(name, classifier)]
    assert got.count("allow") <= len(got) // 10
