"""The benchmark draws the same sample every time, and gives slow contenders a smaller one."""

from collections import Counter
from io import StringIO

from rich.console import Console

from detectors.labelled import Labelled
from ml.benchmark.__main__ import draw_rows, judge
from ml.benchmark.contenders import Contender, Judged
from ml.benchmark.tables import category_table, group_table, profile_table

ROWS = [
    Labelled(f"{group} {number}", group, "threat", "block", "block")
    for group, size in (("large", 30), ("small", 3))
    for number in range(size)
]


def test_a_sample_has_the_same_rows_of_every_group_each_time() -> None:
    drawn = draw_rows(ROWS, 5)
    assert drawn == draw_rows(ROWS, 5)
    assert Counter(row.group for row in drawn) == {"large": 5, "small": 3}


def test_a_slow_contender_judges_a_sample_of_what_the_others_judge() -> None:
    asked: dict[str, list[str]] = {"fast": [], "slow": []}

    def judged_by(name: str) -> Contender:
        def note(text: str) -> Judged:
            asked[name].append(text)
            return Judged({"normal": "block", "dispute": "block"})

        return Contender(name, note, slow=name == "slow")

    verdicts = judge([judged_by("fast"), judged_by("slow")], ROWS, 5, Console(file=StringIO()))
    assert asked["fast"] == [row.text for row in ROWS]
    assert asked["slow"] == [row.text for row in draw_rows(ROWS, 5)]
    assert [len(of) for of in verdicts.values()] == [33, 8]
    tables = [profile_table(verdicts), group_table(verdicts, "dispute"), category_table(verdicts, "dispute")]
    assert [table.row_count for table in tables] == [4, 2, 1]
