"""`comity mutate`: what in the policies could be changed without any case noticing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from engine.cli import text
from engine.cli.app import Format, FormatOption, PoliciesOption, app, bundle_of, console, print_json
from engine.cli.passing import CASES, CasesOption, NamesArgument, passing
from engine.mutation.judge import Verdicts, judge


@app.command()
def mutate(
    names: NamesArgument = None,
    policies: PoliciesOption = Path("policies"),
    cases: CasesOption = CASES,
    format: FormatOption = Format.text,
) -> None:
    """Change policies a little, in many ways, and tell which changes no case notices."""
    bundle = bundle_of(policies)
    results = passing(bundle, names, cases, otherwise="nothing is mutated: the cases must pass first")
    verdicts = [judge(bundle, name, [r.case for r in found]) for name, found in results.items()]
    if format is Format.json:
        print_json({"policies": [_report(v) for v in verdicts]})
    else:
        _print(verdicts)
    if not all(v.good for v in verdicts):
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
