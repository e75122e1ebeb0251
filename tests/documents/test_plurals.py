"""Tests for numbers with nouns."""

from documents.plurals import counted


def test_one_is_singular_and_thousands_are_grouped():
    assert [counted(n, "file") for n in (0, 1, 2, 2000)] == ["0 files", "1 file", "2 files", "2,000 files"]
