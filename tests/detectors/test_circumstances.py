"""Whether words are reported, quoted, or the author's own."""

import pytest

from detectors.circumstances import Circumstances
from tests.detectors.shipped import lexicon, read


def excuse(text: str, words: str = "kill you") -> tuple[bool, bool]:
    reading = read(text)
    first = reading.words.index(words.split()[0])
    return Circumstances(reading, lexicon().readings).of(first, first + len(words.split()))


@pytest.mark.parametrize(
    "text",
    [
        "he said he would kill you",
        "The seller wrote that he will kill you.",
        "my neighbor keeps saying they will kill you",
        "I was told that they kill you",
        "I got a message that they will kill you",
        "According to Sam they kill you",
        "her last message says they will kill you and more",
    ],
)
def test_after_a_frame_words_are_reported(text):
    assert excuse(text) == (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "I will kill you",
        "I said I will kill you",
        "he said nothing, but I will kill you",
        "He said no. I will kill you.",
        "kill you, he said nothing of the kind",
        "tell him that I will kill you",
    ],
)
def test_the_authors_own_words_are_neither(text):
    assert excuse(text) == (False, False)


@pytest.mark.parametrize(
    "text",
    [
        'He wrote: "I will kill you."',
        'Like the driver said: "I will kill you"',
        'As your seller wrote, "I will kill you"',
        'The exact words were "I will kill you"',
        '"I will kill you", he shouted.',
        '"I will kill you." That was his answer.',
        'she said "come here" and "I will kill you"',
        "He wrote me this yesterday:\n> I will kill you\nPlease help.",
        "he wrote: I will kill you. I mean it",
        "the exact words were:\nI will kill you",
    ],
)
def test_a_quotation_with_a_frame_is_both(text):
    assert excuse(text) == (True, True)


@pytest.mark.parametrize(
    "text", ['"I will kill you."', "“I will kill you” is a nice song", "> I will kill you"]
)
def test_a_quotation_without_a_frame_is_only_quoted(text):
    assert excuse(text) == (False, True)


def test_what_follows_on_the_next_line_is_no_longer_reported():
    assert excuse("he wrote: nice day\nI will kill you") == (False, False)


@pytest.mark.parametrize(
    "text",
    [
        "my brother says he will kill you",
        "My cousin told me they will kill you.",
        'As my grandmother used to say: "we kill you for less"',
        "I was asked by a man who told me to tell you they will kill you",
        'My uncle says: "I will kill you"',
        '"I will kill you", as my uncle used to say.',
        'To quote my father: "I will kill you"',
        'That is what I would tell you: "I will kill you"',
    ],
)
def test_words_that_are_passed_on_are_quoted_and_not_reported(text):
    assert excuse(text) == (False, True)


@pytest.mark.parametrize(
    "text",
    [
        "My brother says your driver told him he will kill you",
        "My wife says he told her he will kill you",
        "As your driver said, they wrote they will kill you",
        "My wife was told by the seller that he will kill you",
    ],
)
def test_a_report_inside_what_is_passed_on_is_a_report(text):
    assert excuse(text) == (True, False)
