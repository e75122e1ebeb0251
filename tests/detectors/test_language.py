"""Languages are recognized by their function words, and very short texts are not classified as foreign."""

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
        "im coming to stab u",
        "wat u want for it",
        "thx 4 dat, ill come six or seven",
        "R e f u n d me u crook",
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
    ("text", "name"),
    [
        ("Das ist nicht gut", "german"),
        ("Ich will mein Geld zurück", "german"),
        ("ICH WILL MEIN GELD ZURÜCK", "german"),
        ("Die Ware ist kaputt", "german"),
        ("Je vais te tuer", "french"),
        ("C'est l'adresse qu'il m'a donnée", "french"),
        ("J'ai payé hier", "french"),
        ("Te voy a matar", "spanish"),
        ("Mataremos a todos", "spanish"),
        ("Realmente voy a asesinar a ese vendedor", "spanish"),
        ("Voy a ver a un amigo a las dos", "spanish"),
    ],
)
def test_languages_with_rules_are_told_apart(text, name):
    assert language(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "IM STRUGGLING TO STAY ALIVE",
        "A case of Modelo Negro bottles",
        "Signed by Jerry Van Dyke, 1966",
        "I have an old Renault, la Poste sent it",
        "Is your van on the corner of Calle Mayor?",
    ],
)
def test_foreign_names_in_english_are_english(text):
    assert language(text) == "english"


@pytest.mark.parametrize(
    "text",
    [
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
        "Hvor er mine penge, jeg har ikke fået noget",
        "Hvor er pengene mine, jeg har ikke fått noe",
        "Kde jsou moje peníze, už čekám dva týdny",
        "Nasaan na po ang pera ko",
    ],
)
def test_other_languages_are_other(text):
    assert language(text) == "other"
