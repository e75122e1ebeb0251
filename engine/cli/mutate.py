"""`comity mutate`: find changes of the policies that no case would detect."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from documents.plurals import counted
from engine.cli import text
from engine.cli.app import Format, FormatOption, PoliciesOption, app, bundle_of, console, print_json
from engine.cli.passing import CasesOption, NamesArgument, passing
from engine.cli.test import CASES
from engine.mutation.judge import Verdicts, Wanted, judge, percentage

SHOWN = 10
"""The maximum number of suggested cases to show."""


@app.command()
def mutate(
    names: NamesArgument = None,
    policies: PoliciesOption = Path("policies"),
    cases: CasesOption = CASES,
    least: Annotated[
        float | None,
        typer.Option(
            "--min",
            min=0,
            max=100,
            help="Fail only if the cases detect less than this percentage of the changes.",
        ),
    ] = None,
    format: FormatOption = Format.text,
) -> None:
    """Make many small changes to policies, report those that no case detects, and print a score."""
    bundle = bundle_of(policies)
    results = passing(bundle, names, cases, otherwise="nothing is mutated: the cases must pass first")
    verdicts = [judge(bundle, name, [r.case for r in case_results]) for name, case_results in results.items()]
    score = percentage(sum(v.noticed for v in verdicts), sum(len(v.survivors) for v in verdicts))
    first = sorted((w for v in verdicts for w in v.first), key=lambda w: -len(w.survivors))[:SHOWN]
    if format is Format.json:
        print_json(
            {"score": score, "policies": [_report(v) for v in verdicts], "first": list(map(_wanted, first))}
        )
    else:
        _print(verdicts, first, score)
    good = (
        score >= least and not any(v.problems for v in verdicts)
        if least is not None
        else all(v.good for v in verdicts)
    )
    if not good:
        raise typer.Exit(1)


def _print(verdicts: list[Verdicts], first: list[Wanted], score: float) -> None:
    for verdict in verdicts:
        text.diagnostics(console(), verdict.problems)
        text.diagnostics(console(), [mutant.diagnostic() for mutant in verdict.survivors])
    for v in verdicts:
        console().print(
            f"{v.policy}: {v.score:g}%, {v.noticed} noticed, {len(v.survivors)} survived, {v.refused} refused,"
            f" {v.equivalent} proven equivalent, {v.marked} marked"
        )
    if first:
        console().print("cases worth writing first:")
    for wanted in first:
        count = counted(len(wanted.survivors), "change")
        more = "; …" if len(wanted.survivors) > 3 else ""
        part = f"{wanted.kind} `{wanted.name}`"
        part += f" of version {wanted.version}" if wanted.kind == "key" else ""
        console().print(f"   {wanted.policy}: a case about the {part} ({count}: {wanted.summary}{more})")
    console().print(f"score {score:g}%")


def _wanted(wanted: Wanted) -> dict[str, Any]:
    return {
        "policy": wanted.policy,
        "version": wanted.version,
        "kind": wanted.kind,
        "name": wanted.name,
        "survivors": len(wanted.survivors),
    }


def _report(verdicts: Verdicts) -> dict[str, Any]:
    survivors = [
        m.diagnostic().to_dict() | {"before": m.before, "told": m.summary} for m in verdicts.survivors
    ]
    return {
        "policy": verdicts.policy,
        "score": verdicts.score,
        "noticed": verdicts.noticed,
        "refused": verdicts.refused,
        "equivalent": verdicts.equivalent,
        "marked": verdicts.marked,
        "survivors": survivors,
        "diagnostics": [problem.to_dict() for problem in verdicts.problems],
    }
