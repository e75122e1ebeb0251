"""`comity decide` and `comity explain`: make one decision, or explain it."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from documents.strict_json import StrictJSONError, parse_json
from engine.bundle import Bundle, PolicyNotInForce, UnknownPolicy
from engine.cli import text
from engine.cli.app import (
    AtOption,
    FactsOption,
    Format,
    FormatOption,
    PoliciesOption,
    app,
    bundle_of,
    console,
    moment,
    print_json,
    wrong_use,
)
from engine.cli.fact_places import located
from engine.decision import Decision
from engine.explain.budget import Budget
from engine.explain.party_view import party_view

PolicyArgument = Annotated[str, typer.Argument(help="Policy name.")]
CounterfactualsOption = Annotated[
    bool,
    typer.Option(
        "--counterfactuals",
        help="Show the smallest changes to the facts that would give a more permissive outcome.",
    ),
]


@app.command()
def decide(
    policy: PolicyArgument,
    facts: FactsOption,
    at: AtOption = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show why each rule applies or not.")] = False,
    counterfactuals: CounterfactualsOption = False,
    policies: PoliciesOption = Path("policies"),
    format: FormatOption = Format.text,
) -> None:
    """Make one decision. Invalid facts give the policy's `on_error` outcome and exit code 1."""
    now, bundle = moment(at), bundle_of(policies)
    data, given = _read(facts)
    decision = _decide(bundle, policy, given, now, explain=explain, counterfactuals=counterfactuals)
    _print(decision, format, located(decision.errors, data, facts))


@app.command()
def explain(
    policy: PolicyArgument,
    facts: FactsOption,
    at: AtOption = None,
    party: Annotated[
        bool, typer.Option("--party", help="Show only what the party concerned may see.")
    ] = False,
    counterfactuals: CounterfactualsOption = False,
    policies: PoliciesOption = Path("policies"),
    format: FormatOption = Format.text,
) -> None:
    """Explain a decision, rule by rule and condition by condition."""
    now, bundle = moment(at), bundle_of(policies)
    data, given = _read(facts)
    decision = _decide(bundle, policy, given, now, explain=True, counterfactuals=counterfactuals)
    if not party:
        return _print(decision, format, located(decision.errors, data, facts))
    version = bundle.version_of(decision)
    checked, errors = version.facts_check.check(given)
    view = party_view(decision, version.validated.policy, {} if errors else checked)
    if format is Format.json:
        print_json(view)
    else:
        text.told_to_party(console(), view)


def _print(decision: Decision, format: Format, errors: list[str]) -> None:
    if format is Format.json:
        print_json(decision.to_dict())
    else:
        text.decided(console(), decision, errors)
    if decision.errors:
        raise typer.Exit(1)


def _decide(
    bundle: Bundle, policy: str, facts: Any, now: datetime, *, explain: bool, counterfactuals: bool
) -> Decision:
    budget = Budget() if counterfactuals else None
    try:
        return bundle.decide(policy, facts, now=now, explain=explain, counterfactuals=budget)
    except UnknownPolicy as error:
        wrong_use(str(error))
    except PolicyNotInForce as error:
        wrong_use(f"{error.code}: {error}")


def _read(source: str) -> tuple[bytes, Any]:
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        wrong_use(f"`{source}` cannot be read: {(error.strerror or 'unknown error').lower()}")
    try:
        return data, parse_json(data)
    except StrictJSONError as error:
        wrong_use(f"the facts are not JSON: {error}")
