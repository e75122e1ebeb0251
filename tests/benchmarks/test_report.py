"""The printed report: targets met or missed, an engine table with gaps, and notes."""

import io

from rich.console import Console

from benchmarks.report import markdown, print_report
from benchmarks.result import Cell, Note, Result


def printed(findings):
    console = Console(file=io.StringIO(), width=130)
    print_report(console, findings)
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines()]


def test_report_says_whether_a_target_is_met():
    lines = printed(
        [
            Result("s", "fast", 1.5, "{:.2f}×", 2.0),
            Result("s", "slow", 2.5, "{:.2f}×", 2.0),
            Result("s", "free", 3.0, "{:.0f} MB"),
        ]
    )
    assert [line for line in lines if "fast" in line] == ["│ s │ fast │ 1.50× │ at most 2.00× │ met │"]
    assert [line for line in lines if "slow" in line] == ["│ │ slow │ 2.50× │ at most 2.00× │ not met │"]
    assert [line for line in lines if "free" in line] == ["│ │ free │ 3 MB │ │ │"]


def test_peer_without_a_number_has_a_dash():
    lines = printed(
        [Cell("s", "a", "x", 1.0), Cell("s", "a", "y", 12.0), Cell("s", "b", "y", 3456.0), Note("b left out")]
    )
    assert [line for line in lines if line.startswith(("│ a", "│ b"))] == [
        "│ a │ 1.00× │ 12× │",
        "│ b │ – │ 3,456× │",
    ]
    assert lines[-1] == "b left out"


def test_tables_of_the_documentation_have_every_finding():
    written = markdown(
        [
            Result("s", "slow", 2.5, "{:.2f}×", 2.0),
            Cell("t", "a", "x", 1.0),
            Cell("t", "a", "y", 12.0),
            Cell("t", "b", "y", 3456.0),
            Note("c left out"),
        ]
    )
    assert "| s | slow | 2.50× | at most 2.00× | not met |" in written
    assert "| t | x | y |\n|---|---|---|\n| a | 1.00× | 12× |\n| b |  | 3,456× |\n\n- c left out\n" in written
