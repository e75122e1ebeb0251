"""`comity prove`: prove the claims about policies, or show the smallest input that breaks one."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from documents.diagnostics import has_errors, in_order
from documents.plurals import counted
from engine.backends.smt.question import Limits
from engine.bundle import CLAIMS
from engine.claims import claim_words, extra
from engine.claims.claim import read_claims
from engine.claims.difference import NotConfirmed
from engine.claims.proof import Proof, prove
from engine.claims.reports import to_junit
from engine.cli import text
from engine.cli.app import (
    PoliciesOption,
    app,
    bundle_of,
    console,
    error_console,
    print_json,
    wrong_name,
    wrong_use,
)
from engine.cli.sarif import to_sarif


class ProveFormat(StrEnum):
    text = "text"
    json = "json"
    junit = "junit"
    sarif = "sarif"


@app.command(name="prove")
def prove_(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[CLAIM]…", help="Ids of claims; default all.")
    ] = None,
    policies: PoliciesOption = Path("policies"),
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", min=0.001, help="Seconds for each question; default no limit."),
    ] = None,
    format: Annotated[ProveFormat, typer.Option("--format", help="How to print.")] = ProveFormat.text,
) -> None:
    """Prove the claims in `claims.yaml` for every possible input, or show the smallest input that breaks one."""
    if not extra.is_installed():
        wrong_use(f"`comity prove` needs a solver: {extra.INSTALL}")
    path = policies / CLAIMS
    if not path.exists():
        wrong_use(f"there is no `{path}`")
    bundle = bundle_of(policies)
    claims, problems = read_claims(path, bundle.policies)
    if has_errors(problems):
        text.diagnostics(error_console(), problems)
        raise typer.Exit(1)
    known = [claim.id for claim in claims]
    for name in names or []:
        if name not in known:
            wrong_name(f"there is no claim `{name}`", name, known)
    limits = Limits(seconds=timeout)
    chosen = [claim for claim in claims if not names or claim.id in names]
    try:
        proofs = [p for claim in chosen for p in prove(claim, bundle.policies[claim.policy], limits)]
    except NotConfirmed as error:
        error_console().print(f"comity: {error}; please report this")
        raise typer.Exit(1) from None
    _print(proofs, format)
    if any(proof.status != "proven" for proof in proofs):
        raise typer.Exit(1)


def _print(proofs: list[Proof], format: ProveFormat) -> None:
    if format is ProveFormat.json:
        print_json({"proofs": [claim_words.to_dict(p) for p in proofs]})
    elif format is ProveFormat.junit:
        print(to_junit(claim_words.results(proofs)), end="")  # noqa: T201 - rich would wrap the lines
    elif format is ProveFormat.sarif:
        print_json(to_sarif(in_order(d for p in proofs if (d := claim_words.diagnostic(p)))))
    else:
        for line in claim_words.lines(proofs):
            console().print(line)
        good = sum(proof.status == "proven" for proof in proofs)
        console().print(f"{counted(good, 'claim')} proven, {len(proofs) - good} not")
