"""Idioms that sound worse than they are, and are hidden from classifiers."""

import pytest

from detectors.idioms import WithoutIdioms
from detectors.lexicon import Lexicon, Readings
from detectors.message import Message
from detectors.patterns import compile_pattern
from detectors.signal import Signal
from tests.detectors.shipped import decided_whole, lexicon, pipeline, read

IDIOM = compile_pattern("kill the (lights|light)", {})
LEXICON = Lexicon("1", (), (), Readings(idioms=(IDIOM,)), IDIOM.words, frozenset(), {})


class Recorder:
    name, version, categories, rules = "classifier", "1", frozenset({"threat"}), {"head": "threat"}

    def __init__(self) -> None:
        self.seen: list[Message] = []

    def find(self, message):
        self.seen.append(message)
        return [Signal("threat", 0.9, 0, len(message.original), self.name, self.version, "head")]


def shown(text: str, lexicon: Lexicon = LEXICON) -> Message:
    recorder = Recorder()
    detector = WithoutIdioms(recorder, lexicon)
    (signal,) = detector.find(read(text))
    assert (signal.start, signal.end) == (0, len(text))
    return recorder.seen[0]


def test_an_idiom_is_blanked_and_the_rest_is_shown():
    message = shown("Please KILL the lights, or I will kill you")
    assert message.original == "Please" + " " * 16 + ", or I will kill you"
    assert message.normalized.split() == ["please", ",", "or", "i", "will", "kill", "you"]


def test_lengths_stay_so_that_signals_keep_their_place():
    text = "k1ll the lights \N{PARTY POPPER} now"
    message = shown(text)
    assert len(message.original) == len(text)
    assert len(message.origins) == len(message.normalized) + 1


def test_a_text_without_idioms_is_shown_as_it_is():
    reading = read("I will kill you")
    recorder = Recorder()
    list(WithoutIdioms(recorder, LEXICON).find(reading))
    assert recorder.seen == [reading]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("This sofa is to die for", "this sofa is"),
        ("Shoot me a message when you arrive", "when you arrive"),
        ("Kill the listing, it is sold", "it is sold"),
        ("No man should be hit for that", "for that"),
        ("I am not threatening you, I will break your arm", "i will break your arm"),
        ("I will shoot you", "i will shoot you"),
        ("I will kill your dog", "i will kill your dog"),
    ],
)
def test_the_shipped_idioms(text, left):
    assert " ".join(shown(text, lexicon()).normalized.replace(",", " ").split()) == left


@pytest.mark.parametrize(
    "text",
    [
        "I'll shoot you at your studio tonight",
        "Touch my sister again and I'll hit you back",
        "I'll bring a hammer to fix your face",
        "I'm bringing my brothers and a crowbar to take you apart",
        "I'll cut you a piece at a time",
        "I'll beat you to it, and then I'll beat you to death",
        "Somebody should cut off his hands",
        "Shame on you, deport all Muslims",
        "They should all be shot, and I don't care about the paint",
    ],
)
def test_words_of_idioms_and_goods_excuse_no_threat(text):
    decision = decided_whole(pipeline(classifier=True).examine(text), "dispute")
    assert decision.outcome == "block" or "hold" in decision.obligations
