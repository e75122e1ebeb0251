"""Words as Keras' tokenizer splits them, and their windows."""

from detectors.words import OVERLAP, numbers, split_words, windows


def test_words_are_split_at_keras_marks_and_keep_apostrophes() -> None:
    assert split_words("I'll KILL you,you;fool!  <b>") == ["i'll", "kill", "you", "you", "fool", "b"]


def test_curly_apostrophe_is_read_as_a_straight_one() -> None:
    assert split_words("don’t") == ["don't"]


def test_windows_of_a_short_text_are_one_even_when_empty() -> None:
    assert windows([], 100) == [()]
    assert windows(["a"] * 100, 100) == [("a",) * 100]


def test_windows_of_a_long_text_overlap_and_reach_its_end() -> None:
    words = [str(number) for number in range(250)]
    cut = windows(words, 100)
    assert cut == [tuple(words[start : start + 100]) for start in (0, 80, 160)]
    assert cut[1][:OVERLAP] == cut[0][-OVERLAP:]


def test_windows_that_repeat_are_read_once() -> None:
    assert len(windows(["a"] * 10_000, 100)) == 1 + len({(10_000 - 80 * 124,)})


def test_numbers_leave_unknown_words_out_and_pad_in_front() -> None:
    assert numbers(("you", "zzz", "the"), {"the": 1, "you": 5}, 4) == [0, 0, 5, 1]
