"""Prints the results: numbers with their targets, a table per engine comparison, and notes."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill

from rich.console import Console
from rich.table import Table

from benchmarks.result import Cell, Findings, Note, Result


def print_report(console: Console, findings: Findings) -> None:
    console.print(_results([f for f in findings if isinstance(f, Result)]))
    cells = [f for f in findings if isinstance(f, Cell)]
    for section in dict.fromkeys(cell.section for cell in cells):
        console.print(_peers(section, [cell for cell in cells if cell.section == section]))
    for note in (f for f in findings if isinstance(f, Note)):
        console.print(note.text, markup=False, highlight=False)


def markdown(findings: Findings) -> str:
    """Everything a run found, as tables for the documentation."""
    lines = ["| what | | measured | target | |", "|---|---|---|---|---|"]
    for r in (f for f in findings if isinstance(f, Result)):
        lines.append(f"| {r.section} | {r.what} | {r.shown} | {r.target} | {r.verdict} |")
    cells = [f for f in findings if isinstance(f, Cell)]
    for section in dict.fromkeys(cell.section for cell in cells):
        own = [cell for cell in cells if cell.section == section]
        columns = list(dict.fromkeys(cell.column for cell in own))
        shown = {(cell.peer, cell.column): cell.shown for cell in own}
        lines += ["", f"| {section} | {' | '.join(columns)} |", "|---" * (1 + len(columns)) + "|"]
        for peer in dict.fromkeys(cell.peer for cell in own):
            lines.append(f"| {peer} | {' | '.join(shown.get((peer, column), '') for column in columns)} |")
    notes = [fill(f"- {f.text}", 128, subsequent_indent="  ") for f in findings if isinstance(f, Note)]
    return "\n".join([*lines, "", *notes]).rstrip() + "\n"


def _results(results: Iterable[Result]) -> Table:
    table = Table("what", "", "measured", "target", "")
    table.columns[2].justify = "right"
    section = ""
    for result in results:
        if result.section != section:
            table.add_section()
        shown = result.section if result.section != section else ""
        section = result.section
        style = {"met": "green", "not met": "red"}.get(result.verdict)
        table.add_row(shown, result.what, result.shown, result.target, result.verdict, style=style)
    return table


def _peers(section: str, cells: list[Cell]) -> Table:
    columns = list(dict.fromkeys(cell.column for cell in cells))
    table = Table("", *columns, title=section, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    shown = {(cell.peer, cell.column): cell.shown for cell in cells}
    for peer in dict.fromkeys(cell.peer for cell in cells):
        style = "bold" if peer == "comity" else None
        table.add_row(peer, *(shown.get((peer, column), "–") for column in columns), style=style)
    return table
