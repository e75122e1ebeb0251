"""Precision and recall at each threshold, computed by hand for four messages, and drawn."""

from pathlib import Path
from xml.etree import ElementTree

from detectors.labelled import Labelled
from ml.benchmark.contenders import Judged
from ml.benchmark.curves import curve, draw_curves
from ml.benchmark.shares import Verdict

BAD = Labelled("bad", "g", "threat", "block", "block")
GOOD = Labelled("good", "g", "", "pass", "pass")
UNLABELLED = Labelled("any", "g", "", "", "")


def verdict(row: Labelled, score: float) -> Verdict:
    return row, Judged({"normal": "allow", "dispute": "allow"}, {"threat": score})


VERDICTS = [
    verdict(BAD, 0.9),
    verdict(GOOD, 0.8),
    verdict(BAD, 0.4),
    verdict(GOOD, 0.4),
    verdict(BAD, 0.0),
    verdict(UNLABELLED, 0.95),
]


def test_curve_has_a_point_for_each_score_above_zero() -> None:
    assert curve(VERDICTS, "threat") == [(1 / 3, 1.0), (1 / 3, 1 / 2), (2 / 3, 2 / 4)]


def test_curves_are_drawn_with_a_line_for_each_contender(tmp_path: Path) -> None:
    path = tmp_path / "threat.svg"
    assert draw_curves({"rules & more": VERDICTS * 4, "other": VERDICTS * 4}, "threat", path)
    drawn = ElementTree.parse(path).getroot()
    assert [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")][-2:] == [
        "rules & more",
        "other",
    ]


def test_curve_of_a_category_that_hardly_occurs_is_not_drawn(tmp_path: Path) -> None:
    assert not draw_curves({"rules": VERDICTS}, "threat", tmp_path / "threat.svg")
    assert not (tmp_path / "threat.svg").exists()
