"""What all commands share: options, output and exit codes.

Exit codes: 0 success, 1 problems found, 2 usage error.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from documents.diagnostics import did_you_mean
from engine.backends.backend import Backend
from engine.backends.registry import BackendUnavailable, chosen_backend
from engine.bundle import Bundle, load_bundle
from engine.cli import text
from engine.expression.quantity import parse_timestamp, to_datetime

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Check, test, explain and release policies. Exit codes: 0 success, 1 problems found, 2 usage error.",
)


class Format(StrEnum):
    text = "text"
    json = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="Output format.")]
PoliciesOption = Annotated[Path, typer.Option("--policies", help="Policy folder.")]
AtOption = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help="Decide as of this time; default now.")
]
FactsOption = Annotated[
    str, typer.Option("--facts", metavar="FILE|-", help="Facts as JSON; - reads standard input.")
]


def _print_version(wanted: bool) -> None:
    from engine.version import VERSION  # its library takes as long to import as a small policy to load

    if wanted:
        console().print(f"comity {VERSION}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Options of the command itself."""


def console() -> Console:
    return Console(highlight=False, soft_wrap=True, markup=False)


def error_console() -> Console:
    return Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def wrong_use(message: str) -> NoReturn:
    error_console().print(f"comity: {message}")
    raise typer.Exit(2)


def no_policy(name: str, known: Iterable[str]) -> NoReturn:
    wrong_name(f"there is no policy `{name}`", name, known)


def wrong_name(message: str, name: str, known: Iterable[str]) -> NoReturn:
    """Wrong use, with a hint if there is one."""
    hint = did_you_mean(name, known)
    wrong_use(f"{message}; {hint}" if hint else message)


@contextmanager
def writing() -> Iterator[None]:
    """End the command with a message if a file cannot be written."""
    try:
        yield
    except OSError as error:
        where = f"`{error.filename2 or error.filename}`" if error.filename else "the file"
        error_console().print(
            f"comity: {where} cannot be written: {(error.strerror or 'unknown error').lower()}"
        )
        raise typer.Exit(1) from None


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def moment(given: str | None) -> datetime:
    if given is None:
        return datetime.now(UTC)
    micros = parse_timestamp(given)
    if micros is None:
        wrong_use(f"`--at {given}` is not a moment with its offset, such as 2026-03-01T12:00:00Z")
    return to_datetime(micros)


def existing(paths: list[Path]) -> list[Path]:
    for path in paths:
        if not path.exists():
            wrong_use(f"there is no `{path}`")
    return paths


def backend() -> Backend:
    """The backend that COMITY_ENGINE names. End the command if it is unavailable."""
    try:
        return chosen_backend()
    except BackendUnavailable as error:
        wrong_use(str(error))


def bundle_of(directory: Path) -> Bundle:
    """Load the bundle of a folder. On errors, print the diagnostics and end the command."""
    loaded = load_bundle(directory, compile=backend())
    if loaded.bundle is None:
        text.diagnostics(error_console(), loaded.diagnostics)
        raise typer.Exit(1)
    return loaded.bundle
