"""English is recognized by its function words, and very short texts are not classified as foreign."""

import pytest

from detectors.language import language_of
from detectors.normalizer import normalize


def language(text: str) -> str:
    return language_of(text, normalize(text).normalized)


@pytest.mark.parametrize(
    "text",
    [
        "The table arrived with a broken leg.",
        "where is my parcel",
        "I want to return it",
        "Is the café in Málaga still open? José told me so.",
        "уоu аrе а ѕtupіd mаn",
        "WHERE IS MY MONEY",
        "the die is cast",
    ],
)
def test_english_is_english(text):
    assert language(text) == "english"


@pytest.mark.parametrize(
    "text",
    [
        "Bea",
        "iPhone 12 128GB",
        "350€",
        "Müller GmbH",
        "",
        "!!!",
        "Jean-Luc Dupont",
        "lol",
        "😀😀😀",
        "Kowalski",
    ],
)
def test_what_is_too_short_to_tell_is_undetermined(text):
    assert language(text) == "undetermined"


@pytest.mark.parametrize("text", ["ok", "Thanks", "Hi Sam", "Die now", "no", "Con: noisy. Pro: cheap."])
def test_short_english_is_never_other(text):
    assert language(text) in ("english", "undetermined")


@pytest.mark.parametrize(
    "text",
    [
        "Das ist nicht gut",
        "Ich will mein Geld zurück",
        "Je vais te tuer",
        "Te voy a matar",
        "Dove sono i miei soldi?",
        "Onde está o meu dinheiro?",
        "Waar is mijn geld",
        "Param nerede, neden cevap yok?",
        "Gdzie są moje pieniądze",
        "Var är mina pengar",
        "Ты идиот",
        "我的包裹在哪里",
        "أين طردي",
        "돈 돌려줘",
    ],
)
def test_other_languages_are_other(text):
    assert language(text) == "other"
