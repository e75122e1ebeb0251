"""How often each rule is right, and how useful each normalizing pass is."""

import pytest

from detectors.labelled import Labelled
from ml.benchmark.disguises import DISGUISES, blocked_when_plain, measure_passes, stopped_by_pass
from ml.benchmark.rule_counts import Count, count_rules
from tests.detectors.shipped import lexicon, pipeline

THREAT = "I will kill you tonight"
ROWS = [
    Labelled(THREAT, "a", "threat", "block", "block"),
    Labelled(f"{THREAT}. I will kill you, I will kill you", "a", "threat", "block", "block"),
    Labelled("I will kill you with kindness", "a", "", "pass", "pass"),
    Labelled(THREAT, "a", "threat", "", ""),
    Labelled(f'He wrote: "{THREAT}"', "a", "", "pass", "pass"),
    Labelled("I wlil klil you tonight", "a", "threat", "block", "block"),
]


def test_a_rule_counts_once_for_each_labelled_text_that_it_would_block() -> None:
    counts = {
        count.rule: count for count in count_rules(pipeline(), lexicon(), ROWS, ["Nice lamp", f"{THREAT} ;)"])
    }
    count = counts["threat.direct"]
    assert (count.right, count.wrong, count.harmless, count.effect) == (2, 0, 1, "blocks")
    assert count.verdict == "thin"
    assert counts["hate.slur_unplaced"].effect == counts["threat.on_condition"].effect == "holds"
    assert "violence.told_of" not in counts
    assert "insult.you_are" not in counts


@pytest.mark.parametrize(
    ("count", "verdict"),
    [
        (Count("a.b", 0.97, 100, 1, 1, 0.0), ""),
        (Count("a.b", 0.97, 100, 1, 2, 0.0), "harmless lines"),
        (Count("a.b", 0.97, 27, 4, 0, 0.99), "imprecise"),
        (Count("a.b", 0.97, 3, 0, 0, 0.91), ""),
        (Count("a.b", 0.97, 3, 0, 0, 0.89), "thin"),
        (Count("a.b", 0.45, 1, 9, 50, 0.1), ""),
    ],
)
def test_a_rule_that_blocks_must_be_precise_and_leave_harmless_lines_alone(
    count: Count, verdict: str
) -> None:
    assert count.verdict == verdict


def test_each_pass_is_measured_alone() -> None:
    threats = blocked_when_plain(lexicon(), [THREAT, "Nice lamp"])
    assert threats == [THREAT]
    worth = {one.disguise: one for one in measure_passes(lexicon(), threats)}
    assert worth.keys() == DISGUISES.keys()
    assert worth["plain"].without == 1.0
    assert worth["a line a word"].alone == {name: float(name == "lines") for name in worth["plain"].alone}
    assert worth["a line a word"].together == 1.0
    assert stopped_by_pass(lexicon(), ["Nice lamp", "I\nwill\nkill\nyou"])["lines"] == 1
