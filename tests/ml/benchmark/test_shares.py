"""The shares of blocked and flagged messages, and which messages count."""

from detectors.labelled import Labelled, Must
from detectors.signal import Findings, Signal
from ml.benchmark.__main__ import draw_rows
from ml.benchmark.contenders import Judged, Outcome, decide, load_policies
from ml.benchmark.shares import Share, Verdict, by, must
from tests.detectors.texts import MODELS

POLICIES = MODELS.parents[1] / "policies"


def verdict(group: str, normal: Must, dispute: Must, outcome: Outcome) -> Verdict:
    row = Labelled("text", group, "", normal, dispute)
    return row, Judged({"normal": "allow", "dispute": outcome})


VERDICTS = [
    verdict("a", "block", "block", "block"),
    verdict("a", "block", "block", "flag"),
    verdict("b", "block", "block", "allow"),
    verdict("b", "block", "block", "allow"),
    verdict("b", "block", "pass", "flag"),
]


def test_share_counts_messages_that_must_be_blocked_in_that_mode() -> None:
    assert must(VERDICTS, "dispute", "block") == Share(4, 0.25, 0.25)
    assert must(VERDICTS, "dispute", "pass") == Share(1, 0.0, 1.0)
    assert must(VERDICTS, "normal", "block") == Share(5, 0.0, 0.0)
    assert must([], "normal", "block") == Share(0, 0.0, 0.0)


def test_verdicts_by_group_are_sorted_and_leave_nothing_out() -> None:
    groups = by(VERDICTS, lambda row: row.group)
    assert {name: len(rows) for name, rows in groups.items()} == {"a": 2, "b": 3}


def test_drawn_rows_are_as_many_of_each_group_and_the_same_each_time() -> None:
    rows = [Labelled(str(number), "ab"[number % 2], "", "", "") for number in range(100)] + [
        Labelled("one", "c", "", "", "")
    ]
    drawn = draw_rows(rows, 5)
    assert {name: sum(row.group == name for row in drawn) for name in "abc"} == {"a": 5, "b": 5, "c": 1}
    assert draw_rows(rows, 5) == drawn


def test_classifier_alone_flags_and_a_rule_blocks_by_the_shipped_profiles() -> None:
    bundle = load_policies(POLICIES)
    by_rule = Signal("threat", 0.9, 0, 4, "clause_rules", "1", "threat.direct")
    by_classifier = Signal("threat", 0.9, 0, 4, "classifier", "1", "heads.threat")
    assert decide(bundle, Findings("english", (by_rule,)), "dispute") == "block"
    assert decide(bundle, Findings("english", (by_classifier,)), "dispute") == "flag"
    assert decide(bundle, Findings("english"), "dispute") == "allow"
