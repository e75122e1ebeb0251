"""Splitting a message into words, and mapping words back to the text."""

from detectors.reading import Reader

READER = Reader(frozenset(["kill", "muslims", "will", "i"]))


def test_a_reading_begins_and_ends_with_a_sentence():
    assert READER.read("I will. Kill, you!").flat == b". i will . kill , you . "
    assert READER.read("").flat == b". "


def test_a_capitalized_unknown_word_is_a_name_except_at_the_beginning():
    reading = READER.read("Sam and I will kill Sam. Muslims like Muslims and SAM")
    assert reading.flat == b". sam and i will kill sam^ . muslims like muslims and sam . "


def test_marks_in_a_row_count_once():
    assert READER.read("will ... !!! \n (i) , - kill").words == (".", "will", ".", "i", ",", "kill", ".")


def test_an_ellipsis_is_a_pause_unless_the_sentence_ends_there():
    assert READER.read("i ... will… kill.. you").words == (
        ".",
        "i",
        ",",
        "will",
        ",",
        "kill",
        ",",
        "you",
        ".",
    )
    assert READER.read("i will...\nkill").words == (".", "i", "will", ".", "kill", ".")
    assert READER.read("i, will,\nkill...").flat == b". i , will . kill . "


def test_letters_outside_of_ascii_keep_their_places():
    reading = READER.read("жжж kill")
    assert reading.flat == b". ??? kill . "
    assert reading.words_at(reading.flat.index(b"kill"), reading.flat.index(b"kill") + 5) == (2, 3)


def test_words_are_found_again_in_the_original():
    reading = READER.read("Well, I w1ll K I L L.")
    assert reading.words == (".", "well", ",", "i", "will", "kill", ".")
    assert reading.original[slice(*reading.span_of(3, 6))] == "I w1ll K I L L"
    assert reading.original[slice(*reading.span_of(2, 7))] == "I w1ll K I L L"


def test_a_reading_is_not_read_again():
    reading = READER.read("kill")
    assert READER.reading(reading) is reading
