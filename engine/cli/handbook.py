"""`comity handbook`: write every policy in sentences, for people."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from engine.bundle import CLAIMS, PolicyNotInForce, Versions
from engine.cases.reader import case_files, read_cases
from engine.cases.run import Settled, run_case
from engine.claims.claim import read_claims
from engine.cli import text
from engine.cli.app import (
    AtOption,
    PoliciesOption,
    app,
    bundle_of,
    error_console,
    existing,
    moment,
    writing,
    wrong_use,
)
from engine.compiled import CompiledPolicy
from engine.handbook import pdf
from engine.handbook.html import write_handbook
from engine.handbook.page import find_unreachable, make_page


@app.command()
def handbook(
    cases: Annotated[
        list[Path] | None, typer.Argument(help="Case files or folders; their cases become examples.")
    ] = None,
    at: AtOption = None,
    policies: PoliciesOption = Path("policies"),
    title: Annotated[str, typer.Option("--title", help="Title of the handbook.")] = "The policies",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FILE", help="File to write, .html or .pdf; default standard output."
        ),
    ] = None,
) -> None:
    """Write the policies in force in sentences, as one HTML or PDF file. Cases are run first; none may fail."""
    as_pdf = output is not None and output.suffix.lower() == ".pdf"
    if as_pdf and not pdf.is_installed():
        wrong_use(f"a PDF needs typst: {pdf.INSTALL}")
    now, bundle = moment(at), bundle_of(policies)
    settled: Settled = {}
    results, problems = [], []
    for path in case_files(existing(cases or [])):
        read, found = read_cases(path)
        problems += [problem for problem in found if problem.severity == "error"]
        results += [run_case(bundle, case, settled) for case in read]
    failed = [result for result in results if result.failed]
    if failed or problems:
        text.diagnostics(error_console(), problems)
        for result in failed:
            file, line = result.case.place
            error_console().print(f"{file}:{line}: the case `{result.case.name}` fails: see `comity test`")
        raise typer.Exit(1)
    versions = [version for each in bundle.policies.values() if (version := _in_force(each, now)) is not None]
    claims = read_claims(policies / CLAIMS, bundle.policies)[0] if (policies / CLAIMS).exists() else []
    pages = [make_page(version, results, find_unreachable(version.validated), claims) for version in versions]
    pages.sort(key=lambda page: page.title)
    if output is None:
        sys.stdout.write(write_handbook(pages, title))
        return
    try:
        written = pdf.write_pdf(pages, title, now) if as_pdf else write_handbook(pages, title).encode()
    except pdf.PdfRefused as refused:
        error_console().print(f"comity: the PDF cannot be written: {refused}")
        raise typer.Exit(1) from None
    with writing():
        output.write_bytes(written)


def _in_force(versions: Versions, now: datetime) -> CompiledPolicy | None:
    try:
        return versions.at(now)
    except PolicyNotInForce:
        return None
