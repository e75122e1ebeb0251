"""Comments of GoEmotions become labelled texts, by labels of ours."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from ml.benchmark.goemotions import FOUND, LABELS, NAMES, RELIGIONS, read_goemotions


@pytest.fixture
def ids() -> dict[str, str]:
    """An id of each label."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        return {row["label"]: row["id"] for row in csv.DictReader(file)}


def write(folder: Path, *lines: tuple[str, str]) -> Path:
    path = folder / "goemotions.tsv"
    path.write_text("".join(f"{text}\t27\t{number}\n" for text, number in lines), "utf-8")
    return path


def test_labels_are_known_and_each_comment_has_one() -> None:
    with LABELS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["label"] for row in rows} == {*FOUND, "none", "unclear"}
    assert max(Counter(row["id"] for row in rows).values()) == 1


def test_a_comment_that_was_looked_at_has_the_label_that_it_got(tmp_path: Path, ids: dict[str, str]) -> None:
    path = write(tmp_path, ("a", ids["hate"]), ("b", ids["none"]), ("c", ids["unclear"]), ("d", "unknown"))
    assert [(row.text, row.group, row.category, row.dispute) for row in read_goemotions(path)] == [
        ("a", "goemotions hate", "hate", "block"),
        ("b", "goemotions suspected", "", ""),
        ("d", "goemotions other", "", ""),
    ]


def test_what_was_left_out_of_a_comment_is_filled_in_the_same_way_each_time(tmp_path: Path) -> None:
    path = write(tmp_path, ("[NAME] left [RELIGION] [sic]", "x"), ("[NAME] left [RELIGION] [sic]", "y"))
    [row], [again] = read_goemotions(path), read_goemotions(path)
    name, _, religion = row.text.removesuffix(" [sic]").split(" ", 2)
    assert row == again
    assert name in NAMES
    assert religion in RELIGIONS
