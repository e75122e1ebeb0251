"""The functional test table: messages of many kinds, and what both modes must do with them."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.detectors.shipped import outcome

FOLDER = Path(__file__).parents[1] / "moderation_cases"
CLASSES = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))
}
MODES = ("normal", "dispute")
OUTCOMES = {"allow", "flag", "block"}
FLOOR = 0.8
OVERALL = 0.95
REPORTS = ("report_of_threat", "report_of_abuse", "report_of_violence", "quote_with_frame")
HARSH = ("harsh_with_profanity", "harsh_without_profanity", "shouting", "insult_to_object")
THREATS = ("direct_threat", "conditional_threat", "veiled_threat")


def messages(name: str) -> list[str]:
    return CLASSES[name]["messages"]


@cache
def outcomes(name: str) -> list[tuple[str, ...]]:
    return [tuple(outcome(text, mode) for mode in MODES) for text in messages(name)]


def wanted(name: str) -> list[set[str]]:
    return [set(CLASSES[name][mode].split("-or-")) for mode in MODES]


def wrong(name: str) -> list[str]:
    return [
        f"{text!r}: {got}"
        for text, got in zip(messages(name), outcomes(name), strict=True)
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


@pytest.mark.parametrize("name", CLASSES)
def test_no_class_is_below_the_floor(name):
    right = 1 - len(wrong(name)) / len(messages(name))
    assert right >= FLOOR, "\n".join(wrong(name))


def test_overall_nearly_all_are_right():
    mistakes = [f"{name}: {line}" for name in CLASSES for line in wrong(name)]
    right = 1 - len(mistakes) / sum(len(messages(name)) for name in CLASSES)
    assert right >= OVERALL, "\n".join(mistakes)


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("mode", MODES)
def test_no_report_is_blocked(name, mode):
    got = [one[MODES.index(mode)] for one in outcomes(name)]
    assert [text for text, one in zip(messages(name), got, strict=True) if one == "block"] == []


def test_in_a_dispute_harsh_words_at_the_situation_are_never_blocked():
    got = [one[MODES.index("dispute")] for name in HARSH for one in outcomes(name)]
    assert got.count("block") <= len(got) // 100


@pytest.mark.parametrize("mode", MODES)
def test_threats_are_found(mode):
    got = [one[MODES.index(mode)] for name in THREATS for one in outcomes(name)]
    assert got.count("allow") <= len(got) // 10
