"""`comity mutate`: what in the policies could be changed without any case noticing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.case_reader import case_files
from engine.cases import CaseResult
from engine.cli import text
from engine.cli.app import (
    Format,
    FormatOption,
    PoliciesOption,
    app,
    bundle_of,
    console,
    existing,
    print_json,
    wrong_use,
)
from engine.cli.test import run_cases
from engine.diagnostics import Diagnostic, did_you_mean
from engine.mutation.judge import Verdicts, judge


@app.command()
def mutate(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[POLICY]…", help="Policies; default all.")
    ] = None,
    policies: PoliciesOption = Path("policies"),
    cases: Annotated[Path, typer.Option("--cases", help="Their cases, which must pass.")] = Path(
        "tests/policy_cases"
    ),
    format: FormatOption = Format.text,
) -> None:
    """Change policies a little, in many ways, and tell which changes no case notices."""
    bundle = bundle_of(policies)
    for name in names or []:
        if name not in bundle.policies:
            wrong_use(f"there is no policy `{name}`; {did_you_mean(name, bundle.policies) or ''}")
    chosen = names or sorted(bundle.policies)
    results, problems = run_cases(bundle, case_files(existing([cases])))
    _stop_at_failures([r for r in results if not r.passed and r.case.policy in chosen], problems)
    verdicts = [judge(bundle, n, [r.case for r in results if r.case.policy == n]) for n in chosen]
    if format is Format.json:
        print_json({"policies": [_report(v) for v in verdicts]})
    else:
        _print(verdicts)
    if not all(v.good for v in verdicts):
        raise typer.Exit(1)


def _stop_at_failures(failed: list[CaseResult], problems: list[Diagnostic]) -> None:
    if problems or failed:
        text.tested(console(), failed, problems, [], None)
        console().print("nothing is mutated: the cases must pass first")
        raise typer.Exit(1)


def _print(verdicts: list[Verdicts]) -> None:
    for verdict in verdicts:
        text.diagnostics(console(), verdict.problems)
        text.diagnostics(console(), [mutant.diagnostic() for mutant in verdict.survivors])
    for v in verdicts:
        console().print(
            f"{v.policy}: {v.noticed} noticed, {len(v.survivors)} survived, {v.refused} refused,"
            f" {v.equivalent} proven equivalent, {v.marked} marked"
        )


def _report(verdicts: Verdicts) -> dict[str, Any]:
    survivors = [m.diagnostic().to_dict() | {"before": m.before, "told": m.told} for m in verdicts.survivors]
    return {
        "policy": verdicts.policy,
        "noticed": verdicts.noticed,
        "refused": verdicts.refused,
        "equivalent": verdicts.equivalent,
        "marked": verdicts.marked,
        "survivors": survivors,
        "diagnostics": [problem.to_dict() for problem in verdicts.problems],
    }
