"""`comity test`: policy cases, and what they have not covered."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from documents.diagnostics import Diagnostic
from engine.bundle import Bundle
from engine.cases.coverage import measure_coverage
from engine.cases.junit import to_junit
from engine.cases.reader import case_files, read_cases
from engine.cases.run import CaseResult, run_case, undecided_rules
from engine.cli import text
from engine.cli.app import PoliciesOption, app, bundle_of, console, existing, print_json


class TestFormat(StrEnum):
    text = "text"
    json = "json"
    junit = "junit"


@app.command()
def test(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]…", help="Case files or folders.")
    ] = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Fail where a rule, row or condition is not covered.")
    ] = False,
    policies: PoliciesOption = Path("policies"),
    format: Annotated[
        TestFormat, typer.Option("--format", help="How to print the report.")
    ] = TestFormat.text,
) -> None:
    """Run policy cases, and name the rules that no case decides."""
    files = case_files(existing(paths or [Path("tests/policy_cases")]))
    bundle = bundle_of(policies)
    results, problems = run_cases(bundle, files)
    measured = measure_coverage(bundle, results) if coverage else None
    undecided = undecided_rules(bundle, results)
    if format is TestFormat.json:
        print_json(text.test_report(results, problems, undecided, measured))
    elif format is TestFormat.junit:
        sys.stdout.write(to_junit(results, problems))
    else:
        text.tested(console(), results, problems, undecided, measured)
    uncovered = any(c.uncovered() for c in measured or [])
    if problems or uncovered or not results or not all(r.passed for r in results):
        raise typer.Exit(1)


def run_cases(bundle: Bundle, files: list[Path]) -> tuple[list[CaseResult], list[Diagnostic]]:
    results: list[CaseResult] = []
    problems: list[Diagnostic] = []
    for file in files:
        cases, diagnostics = read_cases(file)
        problems += diagnostics
        results += [run_case(bundle, case) for case in cases]
    return results, problems
