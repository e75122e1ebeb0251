"""The `comity` command: check, test, decide and list policies. Exit codes: 0 good, 1 problems found, 2 wrong use."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from engine import cli_text
from engine.bundle import Bundle, Loaded, PolicyNotInForce, UnknownPolicy, load_bundle, load_files
from engine.case_reader import case_files, read_cases
from engine.cases import CaseResult, run_case, undecided_rules
from engine.diagnostics import Diagnostic, did_you_mean, has_errors
from engine.expression.quantity import parse_timestamp, to_datetime
from engine.strict_json import StrictJSONError, parse_json

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)


class Format(StrEnum):
    text = "text"
    json = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="How to print the answer.")]
PoliciesOption = Annotated[Path, typer.Option("--policies", help="The folder of the policies.")]
AtOption = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help="The moment to decide for; default now.")
]


def main() -> None:
    """The console script."""
    app()


def _out() -> Console:
    return Console(highlight=False, soft_wrap=True, markup=False)


def _wrong_use(message: str) -> NoReturn:
    Console(stderr=True, highlight=False, soft_wrap=True, markup=False).print(f"comity: {message}")
    raise typer.Exit(2)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    micros = parse_timestamp(text)
    if micros is None:
        _wrong_use(f"`--at {text}` is not a moment with its offset, such as 2026-03-01T12:00:00Z")
    return to_datetime(micros)


def _bundle(directory: Path) -> Bundle:
    """The bundle of a folder, or the end of the command with its diagnostics."""
    loaded = load_bundle(directory)
    if loaded.bundle is None:
        cli_text.diagnostics(
            Console(stderr=True, highlight=False, soft_wrap=True, markup=False), loaded.diagnostics
        )
        raise typer.Exit(1)
    return loaded.bundle


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]…", help="Policy files or folders.")
    ] = None,
    format: FormatOption = Format.text,
) -> None:
    """Check policies: read them, type every condition, and tell every problem with its place and the way out."""
    given = paths or [Path("policies")]
    loaded = _load(given)
    if format is Format.json:
        _print_json({
            "ok": loaded.bundle is not None,
            "digest": loaded.bundle.digest if loaded.bundle else None,
            "diagnostics": [d.to_dict() for d in loaded.diagnostics],
        })  # fmt: skip
    else:
        cli_text.diagnostics(_out(), loaded.diagnostics)
        cli_text.checked(_out(), loaded)
    if has_errors(loaded.diagnostics):
        raise typer.Exit(1)


def _load(paths: list[Path]) -> Loaded:
    for path in paths:
        if not path.exists():
            _wrong_use(f"there is no `{path}`")
    if len(paths) == 1 and paths[0].is_dir():
        return load_bundle(paths[0])
    files: list[Path] = []
    for path in paths:
        files += (
            sorted(p for p in path.glob("*.yaml") if not p.name.startswith(".")) if path.is_dir() else [path]
        )
    return load_files(dict.fromkeys(files))


@app.command()
def test(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]…", help="Case files or folders.")
    ] = None,
    policies: PoliciesOption = Path("policies"),
    format: FormatOption = Format.text,
) -> None:
    """Run policy cases, and name the rules that no case decides."""
    given = paths or [Path("tests/policy_cases")]
    for path in given:
        if not path.exists():
            _wrong_use(f"there is no `{path}`")
    bundle = _bundle(policies)
    results, problems = _run_cases(bundle, case_files(given))
    undecided = undecided_rules(bundle, results)
    if format is Format.json:
        _print_json(cli_text.test_report(results, problems, undecided))
    else:
        cli_text.tested(_out(), results, problems, undecided)
    if problems or not results or not all(r.passed for r in results):
        raise typer.Exit(1)


def _run_cases(bundle: Bundle, files: list[Path]) -> tuple[list[CaseResult], list[Diagnostic]]:
    results: list[CaseResult] = []
    problems: list[Diagnostic] = []
    for file in files:
        cases, diagnostics = read_cases(file)
        problems += diagnostics
        results += [run_case(bundle, case) for case in cases]
    return results, problems


@app.command()
def decide(
    policy: Annotated[str, typer.Argument(help="The policy's name.")],
    facts: Annotated[
        str, typer.Option("--facts", metavar="FILE|-", help="Facts as JSON; - reads standard input.")
    ],
    at: AtOption = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say why, and why not.")] = False,
    policies: PoliciesOption = Path("policies"),
    format: FormatOption = Format.text,
) -> None:
    """Decide once. Facts that do not fit give the policy's `on_error` and exit code 1."""
    now = _moment(at)
    bundle = _bundle(policies)
    given = _facts(facts)
    try:
        decision = bundle.decide(policy, given, now=now, explain=explain)
    except UnknownPolicy:
        _wrong_use(f"there is no policy `{policy}`; {did_you_mean(policy, bundle.policies) or ''}")
    except PolicyNotInForce as error:
        _wrong_use(f"{error.code}: {error}")
    if format is Format.json:
        _print_json(decision.to_dict())
    else:
        cli_text.decided(_out(), decision)
    if decision.errors:
        raise typer.Exit(1)


def _facts(source: str) -> Any:
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        _wrong_use(f"`{source}` cannot be read: {(error.strerror or 'unknown error').lower()}")
    try:
        return parse_json(data)
    except StrictJSONError as error:
        _wrong_use(f"the facts are not JSON: {error}")


@app.command(name="list")
def list_(
    at: AtOption = None, policies: PoliciesOption = Path("policies"), format: FormatOption = Format.text
) -> None:
    """List the policies, their versions, and which version is in force."""
    now = _moment(at)
    bundle = _bundle(policies)
    rows = cli_text.policy_rows(bundle, now)
    if format is Format.json:
        _print_json({"digest": bundle.digest, "at": cli_text.moment(now), "policies": rows})
    else:
        cli_text.listed(_out(), rows, bundle.digest)
