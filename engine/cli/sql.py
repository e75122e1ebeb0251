"""`comity sql`: a policy as a statement for a database."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from engine.backends.backend import NotExpressible
from engine.backends.sql.policy import COLUMNS
from engine.batch.statement import DIALECTS, BadTable, write_statement
from engine.cli import text
from engine.cli.app import PoliciesOption, app, bundle_of, error_console, no_policy, wrong_use
from engine.expression.quantity import parse_timestamp

DEFAULT = ("outcome", "rule", "reason", "outputs")
OFFERED = tuple(name for name in COLUMNS if name != "errors")
"""A row with errors is not decided there."""


@app.command()
def sql(
    policy: Annotated[str, typer.Argument(help="Policy name.")],
    database: Annotated[
        str, typer.Option("--for", metavar="DATABASE", help=f"One of {', '.join(DIALECTS)}.")
    ],
    table: Annotated[
        str, typer.Option("--table", metavar="NAME", help="The table or view that has the facts as columns.")
    ],
    now: Annotated[
        str | None,
        typer.Option(
            "--now",
            metavar="TIME|COLUMN",
            help="Decide as of this time, or that of a column; default when the statement runs.",
        ),
    ] = None,
    columns: Annotated[
        str, typer.Option("--columns", metavar="NAMES", help=f"What to decide: any of {', '.join(OFFERED)}.")
    ] = ",".join(DEFAULT),
    keep: Annotated[
        str | None, typer.Option("--keep", metavar="NAMES", help="Columns of the table to show; default all.")
    ] = None,
    policies: PoliciesOption = Path("policies"),
) -> None:
    """Write the policy as one SELECT over a table of a database."""
    dialect = DIALECTS.get(database)
    if dialect is None:
        wrong_use(f"`--for {database}`: the databases are {', '.join(DIALECTS)}")
    wanted = text.names(columns)
    unknown = next((name for name in wanted if name not in OFFERED), None)
    if unknown is not None or not wanted:
        wrong_use(f"`--columns {unknown or ''}`: the columns are {', '.join(OFFERED)}")
    bundle = bundle_of(policies)
    if policy not in bundle.policies:
        no_policy(policy, bundle.policies)
    moment = None if now is None else parse_timestamp(now)
    kept = None if keep is None else text.names(keep)
    try:
        statement = write_statement(
            dialect, bundle.policies[policy], table, now if moment is None else moment, wanted, kept
        )
    except NotExpressible as error:
        hint = "`comity batch` decides about such rows"
        text.diagnostics(error_console(), [replace(d, hint=hint) for d in error.diagnostics])
        raise typer.Exit(1) from None
    except BadTable as error:
        error_console().print(f"comity: {error}")
        raise typer.Exit(1) from None
    sys.stdout.write(statement)
