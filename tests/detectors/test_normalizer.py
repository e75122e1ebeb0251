"""Texts are normalized to what readers see, and every character keeps its original position."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.normalizer import MAX_LENGTH, PASSES, TextTooLong, normalize

KNOWN = frozenset(
    (
        "i",
        "i'll",
        "will",
        "kill",
        "you",
        "your",
        "are",
        "a",
        "fuck",
        "shit",
        "asshole",
        "stupid",
        "bitch",
        "so",
    )
)


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("I WILL Kill You", "i will kill you"),
        ("I \u200bw\u200bill k\u00adill you", "i will kill you"),
        ("k\u0336i\u0336l\u0336l\u0336", "kill"),
        ("Ｉ ｗｉｌｌ", "i will"),
        ("𝐈 𝐰𝐢𝐥𝐥 𝓴𝓲𝓵𝓵", "i will kill"),
        ("уоu аrе а ѕtupіd bіtсh", "you are a stupid bitch"),
        ("naïve café", "naive cafe"),
        ("“so” ‘so’", "\"so\" 'so'"),
        ("one\r\ntwo\tthree\u2003four", "one\n\ntwo three four"),
    ],
)
def test_dressed_up_characters_are_undone(text, normalized):
    assert normalize(text, KNOWN).normalized == normalized


@pytest.mark.parametrize(
    "text",
    [
        "350€ for 2",
        "order a10b33",
        "a 4x zoom",
        "size m2, 3rd floor",
        "call 0151 23456789",
        "at 10:30, ok?",
        "5'10\"",
    ],
)
def test_prices_and_order_numbers_survive(text):
    assert normalize(text, KNOWN).normalized == text


def test_without_a_vocabulary_no_word_is_changed():
    assert normalize("k1ll f*ck k i l l").normalized == "k1ll f*ck k i l l"


def test_a_span_of_the_normalized_text_is_one_of_the_original():
    message = normalize("Hey, I w1ll k\u200b i l l you", KNOWN)
    start = message.normalized.index("kill")
    assert message.normalized == "hey, i will kill you"
    assert message.original[slice(*message.span(start, start + 4))] == "k\u200b i l l"


@given(st.text(max_size=60) | st.text("kil1 *$.you-\u0336\u200bаЖ", max_size=60))
def test_every_character_has_an_origin_and_they_rise(text):
    message = normalize(text, KNOWN)
    assert len(message.origins) == len(message.normalized) + 1
    assert list(message.origins) == sorted(message.origins)
    assert message.origins[-1] == len(text)
    assert all(origin < len(text) for origin in message.origins[:-1])


def test_the_longest_text_is_read():
    assert len(normalize("a" * MAX_LENGTH).normalized) == MAX_LENGTH


@pytest.mark.parametrize("text", ["a" * (MAX_LENGTH + 1), "\ufdfa" * (MAX_LENGTH // 2)])
def test_a_longer_text_is_refused_also_when_it_unfolds(text):
    with pytest.raises(TextTooLong):
        normalize(text)


@pytest.mark.parametrize(("text", "name"), [("k i l l", "spelled"), ("k1ll", "disguised")])
def test_each_pass_can_be_left_out(text, name):
    others = [other for other in PASSES if other != name]
    assert normalize(text, KNOWN).normalized == "kill" == normalize(text, KNOWN, [name]).normalized
    assert normalize(text, KNOWN, others).normalized == text
