"""Twenty messages, in twenty disguises each, get the same decision as without a disguise."""

import random

import pytest

from detectors.confusables import LEET
from tests.detectors.shipped import outcome

MESSAGES = (
    "I will kill you",
    "you are a worthless piece of shit",
    "go kill yourself",
    "I am going to break your legs",
    "shut up you stupid bitch",
    "all muslims are terrorists",
    "fuck you asshole",
    "we will burn your house down",
    "you dirty nigger",
    "I hope you die",
    "you are a fucking idiot",
    "I will cut your throat",
    "somebody should shoot him",
    "your family will die",
    "I know where you live",
    "pay or I will hurt you",
    "you filthy pig",
    "the seller is a lying cunt",
    "I'll rape your wife",
    "watch your back",
)
LOOKALIKES = str.maketrans("aeopcxyi", "аеорсхуі")
DIGITS = str.maketrans("aeio", "4310")
MARKS = str.maketrans("asi", "@$!")
BOLD = {ord(c): 0x1D400 + ord(c) - ord("A") for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
BOLD |= {ord(c): 0x1D41A + ord(c) - ord("a") for c in "abcdefghijklmnopqrstuvwxyz"}


def spread(text: str, mark: str) -> str:
    return "   ".join(mark.join(word) for word in text.split())


def stretched(text: str) -> str:
    return "".join(c * 4 if c in "aeiou" else c for c in text)


def in_the_middle(text: str, mark: str) -> str:
    return " ".join(
        word[: len(word) // 2] + mark + word[len(word) // 2 :] if len(word) > 3 else word
        for word in text.split()
    )


def mixed(text: str) -> str:
    return "".join(c.upper() if place % 2 else c.lower() for place, c in enumerate(text))


def some_digits(text: str) -> str:
    chance = random.Random(text)
    back = {letter: digit for digit, letter in reversed(LEET.items()) if digit.isdigit()}
    return "".join(back[c] if c in "aeios" and chance.random() < 0.4 else c for c in text)


DISGUISES = {
    "capitals": str.upper,
    "mixed case": mixed,
    "look-alikes": lambda text: text.translate(LOOKALIKES),
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "mathematical bold": lambda text: text.translate(BOLD),
    "zero-width spaces": lambda text: "\u200b".join(text),
    "soft hyphens": lambda text: "\u00ad".join(text),
    "struck through": lambda text: "".join(c + "\u0336" if c.isalpha() else c for c in text),
    "accents": lambda text: "".join(c + "\u0301" if c in "aeiou" else c for c in text),
    "spaced out": lambda text: spread(text, " "),
    "dotted": lambda text: spread(text, "."),
    "hyphens between letters": lambda text: spread(text, "-"),
    "underlined": lambda text: spread(text, "_"),
    "digits": lambda text: text.translate(DIGITS),
    "some digits": some_digits,
    "marks": lambda text: text.translate(MARKS),
    "stretched": stretched,
    "a dot in long words": lambda text: in_the_middle(text, "."),
    "a star in long words": lambda text: in_the_middle(text, "*"),
    "many exclamation marks": lambda text: text + "!!!!!!",
}


@pytest.mark.parametrize("mode", ["normal", "dispute"])
def test_disguises_change_nothing(mode):
    assert (len(MESSAGES), len(DISGUISES)) == (20, 20)
    plain = {text: outcome(text, mode) for text in MESSAGES}
    different = [
        f"{name}: {disguise(text)!r} {outcome(disguise(text), mode)} rather than {plain[text]}"
        for name, disguise in DISGUISES.items()
        for text in MESSAGES
        if outcome(disguise(text), mode) != plain[text]
    ]
    assert len(different) <= 20, "\n".join(different)


@pytest.mark.parametrize("text", MESSAGES)
def test_the_plain_form_is_noticed(text):
    assert outcome(text, "dispute") in ("flag", "block")
