"""`comity cases propose`: cases that an owner can keep, change or throw away."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from documents.plurals import counted
from engine.claims import extra
from engine.claims.case_text import case_file
from engine.claims.difference import NotConfirmed
from engine.claims.propose import Proposals, propose
from engine.cli.app import (
    Format,
    FormatOption,
    PoliciesOption,
    app,
    bundle_of,
    error_console,
    no_policy,
    print_json,
    writing,
    wrong_use,
)

PROPOSED = "Proposed by `comity cases propose`: check each, and give it a name that says why it matters."
cases_app = typer.Typer(no_args_is_help=True, help="Propose cases for policies.")
app.add_typer(cases_app, name="cases")


@cases_app.callback()
def cases() -> None:
    """Propose cases for policies."""


@cases_app.command(name="propose")
def propose_(
    policy: Annotated[str, typer.Argument(help="The policy's name.")],
    mcdc: Annotated[
        bool,
        typer.Option("--mcdc", help="Also for each part of a condition, rule and obligation that matters."),
    ] = False,
    boundaries: Annotated[
        bool, typer.Option("--boundaries", help="Also on both sides of each limit.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="A new file to write; default standard output."),
    ] = None,
    policies: PoliciesOption = Path("policies"),
    format: FormatOption = Format.text,
) -> None:
    """Propose a smallest case for every rule and row, and name those that can never decide."""
    if not extra.is_installed():
        wrong_use(f"`comity cases propose` needs a solver: {extra.INSTALL}")
    if output is not None and output.exists() and PROPOSED not in output.read_text(encoding="utf-8")[:1000]:
        wrong_use(f"`{output}` exists and holds cases of yours: name a new file")
    bundle = bundle_of(policies)
    if policy not in bundle.policies:
        no_policy(policy, bundle.policies)
    try:
        proposals = propose(bundle, policy, mcdc=mcdc, boundaries=boundaries)
    except NotConfirmed as error:
        error_console().print(f"comity: {error}; please report this")
        raise typer.Exit(1) from None
    written = case_file(policy, proposals.cases, PROPOSED, "proposed")
    if output is not None:
        with writing():
            output.write_text(written, encoding="utf-8")
    if format is Format.json:
        print_json(_report(proposals, written))
        return
    if output is None:
        print(written, end="")  # noqa: T201 - a file for others to read
    _tell(proposals)


def _tell(proposals: Proposals) -> None:
    to = error_console()
    to.print(f"{counted(len(proposals.cases), 'case')} proposed")
    for entry in proposals.unreachable:
        wake = f"; it would with `{entry.wake[0]}` at {entry.wake[1]}" if entry.wake else ""
        version = "" if entry.version is None else f" of version {entry.version}"
        to.print(f"`{entry.id}`{version} never decides, with the parameters of today{wake}")
    for question in proposals.open:
        to.print(f"not proposed: {question}")


def _report(proposals: Proposals, written: str) -> dict[str, object]:
    return {
        "cases": written,
        "unreachable": [
            {
                "rule": u.id,
                "version": u.version,
                "parameter": u.wake and u.wake[0],
                "value": u.wake and u.wake[1],
            }
            for u in proposals.unreachable
        ],
        "open": proposals.open,
        "alike": proposals.alike,
    }
