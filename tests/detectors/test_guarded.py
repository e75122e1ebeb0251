"""A classifier's score belongs to the words that cause it: the author's own, or those that they report, quote or deny."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from detectors.guarded import Guarded
from detectors.signal import Category, Signal
from tests.detectors.shipped import lexicon, read
from tests.detectors.texts import plain
from tests.engine.policies import shipped

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)


@dataclass
class Finder:
    """Finds its category at 0.8 wherever a word is, else at 0.02."""

    word: str
    category: Category = "threat"
    rule: str = "head"
    name: str = "classifier"
    version: str = "1"
    rules: dict = field(default_factory=dict)
    asked: int = 0

    @property
    def categories(self) -> frozenset[Category]:
        return frozenset({self.category})

    def find(self, message):
        self.asked += 1
        score = 0.8 if self.word in message.normalized else 0.02
        return [Signal(self.category, score, 0, len(message.original), self.name, self.version, self.rule)]


def found(text: str, word: str = "kill", category: Category = "threat") -> list[tuple[float, bool, bool]]:
    signals = Guarded(Finder(word, category), lexicon()).find(read(text))
    return [(signal.score, signal.reported, signal.quoted) for signal in signals]


OWN = [(0.8, False, False)]
REPORTED = [(0.8, True, False), (0.02, False, False)]
QUOTED = [(0.8, False, True), (0.02, False, False)]


@pytest.mark.parametrize(
    ("text", "signals"),
    [
        ("I will kill you.", OWN),
        ("He told me that he will kill me.", REPORTED),
        ('She wrote: "I will kill you". Please block her.', REPORTED),
        ('"I will kill you"', QUOTED),
        ("He told me that he will come. I will kill him.", OWN),
    ],
)
def test_a_score_is_told_as_whose_words_cause_it(text, signals):
    assert found(text) == signals


@pytest.mark.parametrize(
    ("text", "signals"),
    [
        ('"I will kill you"', QUOTED),
        ('"I will kill you" Nice, no?', OWN),
        ('She wrote: "I will kill you".', OWN),
        ("He told me that he will kill me.", OWN),
    ],
)
def test_a_menace_is_told_as_quoted_only_if_the_message_is_one_quotation(text, signals):
    finder = Finder("kill", rule="encoder.menace")
    found = Guarded(finder, lexicon()).find(read(text))
    assert [(signal.score, signal.reported, signal.quoted) for signal in found] == signals


def test_what_is_said_beside_a_report_keeps_its_own_score():
    assert found("He told me that he will kill me, but I will kill him.") == OWN


@pytest.mark.parametrize(
    ("category", "signals"), [("hate", [(0.44, False, False)]), ("threat", OWN), ("abuse", OWN)]
)
def test_hate_that_is_denied_is_flagged_and_not_held(category, signals):
    assert found("Nobody should say that women are rats.", "rats", category) == signals


def test_hate_beside_a_sentence_that_denies_some_is_held():
    assert found("Nobody should say that women are rats. They are rats though.", "rats", "hate") == OWN


def test_a_text_without_a_score_worth_looking_at_is_scored_once():
    finder = Finder("kill")
    assert [s.score for s in Guarded(finder, lexicon()).find(plain("He told me that he will come."))] == [
        0.02
    ]
    assert finder.asked == 1


def test_whoever_reports_a_sexual_remark_did_not_make_it():
    assert found("He told me that he will undress me.", "undress", "sexual") == REPORTED


def test_insults_are_not_guarded():
    assert found("He told me that he will kill me.", category="insult") == OWN


def test_a_head_that_has_learned_what_a_report_is_keeps_its_score():
    text = "He told me that he will kill me."
    finder = Finder("kill", rule="encoder.menace")
    signals = Guarded(finder, lexicon()).find(read(text))
    assert [(signal.score, signal.reported) for signal in signals] == [(0.8, False)]


def test_hate_that_is_denied_stays_below_every_score_that_holds_for_hate():
    table = (
        shipped()
        .version_at("moderation_profiles", NOW)
        .validated.policy.parameters["classifier_may_hold"]
        .table
    )
    assert table is not None
    [(score, _, _)] = found("Nobody should say that women are rats.", "rats", "hate")
    assert score < min(hold for _, category, hold in table.rows if category == "hate")
