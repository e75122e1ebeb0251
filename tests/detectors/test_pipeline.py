"""The pipeline runs every detector, and reports the categories that none could judge."""

import itertools
import threading
import time
from dataclasses import dataclass, field

import pytest

from detectors.normalizer import MAX_LENGTH
from detectors.pipeline import Pipeline, Problem
from detectors.signal import CATEGORIES, Signal
from detectors.standard import standard
from tests.detectors.shipped import FOLDER, lexicon, pipeline

ALL = frozenset(CATEGORIES)


@dataclass
class Detector:
    categories: frozenset
    name: str = "lexicon"
    version: str = "1"
    fails: bool = False
    signals: list = field(default_factory=list)
    rules: dict = field(default_factory=dict)

    def find(self, message):
        if self.fails:
            raise ValueError(message.original)
        yield from self.signals


def test_signals_of_all_detectors_are_found():
    one, two = (Signal("threat", 0.9, 0, 1, name, "1", "r") for name in ("lexicon", "classifier"))
    asked = Pipeline([Detector(ALL, signals=[one]), Detector(frozenset({"threat"}), signals=[two])])
    assert asked.examine("x").signals == (one, two)
    assert asked.examine("x").unavailable == ()
    assert asked.problems() == ()


def test_a_category_that_nobody_judges_is_unavailable():
    asked = Pipeline(
        [Detector(frozenset({"threat", "insult"})), Detector(ALL - {"threat", "hate"}, fails=True)]
    )
    assert asked.examine("x").unavailable == tuple(c for c in CATEGORIES if c not in ("threat", "insult"))


def test_a_category_is_available_as_long_as_one_detector_judges_it():
    assert Pipeline([Detector(ALL, fails=True), Detector(ALL)]).examine("x").unavailable == ()


def test_a_category_is_not_judged_by_a_classifier_alone_where_a_detector_that_may_block_has_failed():
    words = Detector(frozenset({"profanity"}), fails=True)
    rules = Detector(ALL - {"profanity"}, name="clause_rules")
    classifier = Detector(frozenset({"profanity", "threat"}), name="classifier")
    assert Pipeline([words, rules, classifier]).examine("x").unavailable == ("profanity",)
    words.fails = False
    assert Pipeline([words, rules, classifier]).examine("x").unavailable == ()


def test_a_failure_is_reported_without_the_text_and_cleared_when_it_is_over():
    detector = Detector(ALL, name="classifier", fails=True)
    asked = Pipeline([detector])
    asked.examine("a secret")
    assert asked.problems() == (Problem("classifier", "1", "ValueError"),)
    detector.fails = False
    asked.examine("a secret")
    assert asked.problems() == ()


@pytest.mark.parametrize("clock", ["perf_counter", "monotonic", "time", "thread_time", "process_time"])
def test_findings_do_not_depend_on_how_long_the_detectors_wait_for_the_processor(clock, monkeypatch):
    expected = pipeline().examine("I will kill you")
    asked = standard(lexicon())
    monkeypatch.setattr(time, clock, itertools.count(step=3600).__next__)
    assert asked.examine("I will kill you") == expected
    assert asked.examine("Where is my parcel?").unavailable == ()
    assert asked.problems() == ()


def test_a_text_too_long_to_read_is_judged_by_nobody():
    assert pipeline().examine("a" * (MAX_LENGTH + 1)).unavailable == CATEGORIES


def test_a_problem_from_the_start_stays():
    missing = Problem("classifier", "none", "the model is missing")
    asked = standard(FOLDER, problems=[missing])
    asked.examine("fine")
    assert asked.problems() == (missing,)


def test_the_original_engine_takes_the_place_of_the_word_list():
    asked = standard(FOLDER, original_profanity=True)
    assert [s.rule for s in asked.examine("oh shit").signals] == ["profanity.better-profanity"]
    assert asked.examine("fine").unavailable == ()


def test_a_classifier_joins():
    signal = Signal("threat", 0.9, 0, 1, "classifier", "1", "toxlstm")
    asked = standard(FOLDER, [Detector(frozenset({"threat"}), "classifier", signals=[signal])])
    assert asked.examine("fine").signals == (signal,)


ENGLISH = "I will do it and you will see"
GERMAN = "Ich bringe dich um"


def opinion(
    text: str, *found: str, judged: tuple[str, ...] = ("threat", "hate"), score: float = 0.01
) -> list:
    """What the classifier's signals say of a text in which rules found these categories."""
    rules = [Signal(category, 0.9, 0, 1, "clause_rules", "1", "r") for category in found]
    scores = [Signal(category, score, 0, 1, "classifier", "1", "head") for category in judged]
    asked = Pipeline(
        [Detector(ALL, signals=rules), Detector(frozenset(judged), "classifier", signals=scores)]
    )
    return [signal.category for signal in asked.examine(text).signals if signal.detector == "classifier"]


def test_a_low_score_of_a_classifier_is_told_where_it_judges_what_rules_found():
    assert opinion(ENGLISH, "threat") == ["threat", "hate"]
    assert opinion(ENGLISH) == []


def test_low_scores_are_told_of_grave_categories_only():
    assert opinion(ENGLISH, "insult", judged=("threat", "insult")) == []
    assert opinion(ENGLISH, "threat", "insult", judged=("threat", "insult")) == ["threat"]


def test_a_low_score_is_no_opinion_on_a_category_that_the_classifier_does_not_judge():
    assert opinion(ENGLISH, "abuse") == []
    assert opinion(ENGLISH, "threat", "violence") == []


@pytest.mark.parametrize("text", [GERMAN, "Kill", "Ti ammazzo, hai capito, non lo dico per scherzo"])
def test_a_low_score_is_not_told_of_a_text_that_is_not_surely_english(text):
    assert opinion(text, "threat") == []


def test_a_high_score_is_told_whatever_rules_found():
    assert opinion(ENGLISH, score=0.1) == opinion("Kill", "abuse", score=0.1) == ["threat", "hate"]
    assert opinion(ENGLISH, score=0.09) == []


def test_a_classifier_has_no_opinion_on_what_rules_of_another_language_find_in_an_english_message():
    scores = [Signal("threat", 0.01, 0, 1, "classifier", "1", "head")]
    guards = standard(lexicon(), [Detector(frozenset({"threat"}), "classifier", signals=scores)])
    mixed = "This is not what I wanted and you know it. Ich bringe dich um."
    found = guards.examine(mixed)
    assert found.language == "english"
    assert {signal.rule.partition(".")[0] for signal in found.signals} == {"german"}


def test_a_classifier_that_fails_has_no_opinion():
    rules = Detector(ALL, signals=[Signal("threat", 0.9, 0, 1, "clause_rules", "1", "r")])
    fails = Detector(frozenset({"threat"}), "classifier", fails=True)
    assert [s.detector for s in Pipeline([rules, fails]).examine(ENGLISH).signals] == ["clause_rules"]


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "😀" * 50, ">", '"', "\n\n", "\u200b"])
def test_odd_texts_are_examined(text):
    assert pipeline().examine(text).unavailable == ()


def test_threads_find_the_same():
    texts = [
        "I will kill you",
        "fine",
        "he said he will kill me",
        "Geld zurück, aber sofort und nicht morgen",
    ]
    alone = [pipeline().examine(text) for text in texts]
    results: list = [None] * 8

    def work(number: int) -> None:
        results[number] = [pipeline().examine(text) for text in texts * 5]

    threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [alone * 5] * 8
