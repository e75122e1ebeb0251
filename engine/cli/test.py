"""`comity test`: run policy cases and report what they do not cover."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from documents.diagnostics import Diagnostic, did_you_mean, in_order
from engine.bundle import Bundle, load_bundle
from engine.cases.case import Case
from engine.cases.reader import case_files, read_cases
from engine.cases.report import Report
from engine.cases.run import CaseResult, Settled, run_case, undecided_rules
from engine.cases.why import as_diagnostics
from engine.cli import text
from engine.cli.app import (
    PoliciesOption,
    app,
    backend,
    console,
    error_console,
    existing,
    no_policy,
    print_json,
    wrong_use,
)

CASES = Path("tests/policy_cases")


class TestFormat(StrEnum):
    text = "text"
    json = "json"
    junit = "junit"
    sarif = "sarif"


@app.command()
def test(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]…", help="Case files or folders.")
    ] = None,
    policy: Annotated[
        list[str] | None, typer.Option("--policy", help="Only cases of this policy; may be repeated.")
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option("-k", "--name", help="Only cases with this text in their name.")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="Only cases with this tag.")] = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Fail if a rule, row or condition is not covered.")
    ] = False,
    policies: PoliciesOption = Path("policies"),
    format: Annotated[TestFormat, typer.Option("--format", help="Report format.")] = TestFormat.text,
) -> None:
    """Run policy cases and list the rules that no case decides."""
    files = case_files(existing(paths or [CASES]))
    if coverage and (name or tag):
        wrong_use("`--coverage` needs all cases of a policy: leave out `-k` and `--tag`")
    loaded = load_bundle(policies, compile=backend())
    if loaded.bundle is None:
        report = Report(broken=loaded.diagnostics)
    else:
        report = _run(loaded.bundle, files, policy or [], name or [], tag or [])
        if not name and not tag:
            about = _about(loaded.bundle, report.results, policy or [], paths)
            report.undecided = undecided_rules(loaded.bundle, report.results, about)
            if coverage:
                from engine.cases.coverage import measure_coverage

                report.coverage = measure_coverage(loaded.bundle, report.results, about)
    _print(report, format)
    if not report.good:
        raise typer.Exit(1)


def run_cases(bundle: Bundle, files: Iterable[Path]) -> tuple[list[CaseResult], list[Diagnostic]]:
    cases, problems = _read(files)
    settled: Settled = {}
    return [run_case(bundle, case, settled) for case in cases], problems


def _read(files: Iterable[Path]) -> tuple[list[Case], list[Diagnostic]]:
    cases: list[Case] = []
    problems: list[Diagnostic] = []
    for file in files:
        file_cases, diagnostics = read_cases(file)
        cases += file_cases
        problems += diagnostics
    return cases, problems


def _run(
    bundle: Bundle, files: Iterable[Path], policies: list[str], names: list[str], tags: list[str]
) -> Report:
    """Run the requested cases. An unknown policy or tag, or a name that no case has, is a usage error."""
    for policy in policies:
        if policy not in bundle.policies:
            no_policy(policy, bundle.policies)
    cases, problems = _read(files)
    known = frozenset[str]().union(*(case.tags for case in cases))
    for tag in tags:
        if tag not in known:
            wrong_use(f"no case has the tag `{tag}`; {did_you_mean(tag, known) or 'no case has any'}")
    chosen = [
        case
        for case in cases
        if (not policies or case.policy in policies)
        and (not tags or not case.tags.isdisjoint(tags))
        and (not names or any(name.lower() in case.name.lower() for name in names))
    ]
    if cases and not chosen:
        wrong_use("no case is what `--policy`, `-k` and `--tag` ask for")
    settled: Settled = {}
    return Report([run_case(bundle, case, settled) for case in chosen], problems)


def _about(
    bundle: Bundle, results: Iterable[CaseResult], policies: list[str], paths: list[Path] | None
) -> Iterable[str]:
    """The policies of a run: the requested ones; for single files, those of their cases; otherwise all."""
    if policies:
        return policies
    if paths and not any(path.is_dir() for path in paths):
        return {r.case.policy for r in results} & bundle.policies.keys()
    return bundle.policies


def _print(report: Report, format: TestFormat) -> None:
    if format is TestFormat.json:
        print_json(text.test_report(report))
    elif format is TestFormat.junit:
        from engine.cases.junit import to_junit

        problems = [*report.broken, *report.problems]
        sys.stdout.write(to_junit(report.results, problems, report.coverage or ()))
    elif format is TestFormat.sarif:
        from engine.cli.sarif import to_sarif

        failed = [d for r in report.results if r.failed for d in as_diagnostics(r)]
        uncovered = [d for c in report.coverage or [] for d in c.diagnostics()]
        print_json(to_sarif(in_order([*report.broken, *report.problems, *failed, *uncovered])))
    elif report.broken:
        text.diagnostics(error_console(), report.broken)
    else:
        text.tested(console(), report)
