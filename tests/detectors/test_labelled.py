"""Labelled texts are read unchanged, and mistakes are reported with their line."""

from pathlib import Path

import pytest

from detectors.labelled import BadLabel, Labelled, read_labelled, write_labelled

HEADER = "text,group,category,normal,dispute\n"


def test_rows_written_and_read_are_the_same(tmp_path: Path) -> None:
    rows = [
        Labelled('two\nlines, "quoted"', "harsh", "profanity", "block", "pass", "test"),
        Labelled("nothing", "plain", "", "", ""),
    ]
    write_labelled(tmp_path / "rows.csv", rows)
    assert read_labelled(tmp_path / "rows.csv") == rows


def test_part_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(HEADER + "hello,plain,,pass,pass\n", "utf-8")
    assert read_labelled(path) == [Labelled("hello", "plain", "", "pass", "pass")]


def test_unknown_category_is_reported_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(HEADER + "hello,plain,,pass,pass\nhello,plain,rude,pass,pass\n", "utf-8")
    with pytest.raises(BadLabel, match=r"rows\.csv:3: `rude` is none of threat, abuse, hate"):
        read_labelled(path)


def test_missing_column_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,group,category,normal\n", "utf-8")
    with pytest.raises(BadLabel, match="column `dispute` is missing"):
        read_labelled(path)
