"""`comity schema`: write the JSON Schemas that editors use for policy and case files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.app import PoliciesOption, app, bundle_of, console, writing
from engine.schema import case_schema, policy_schema


@app.command()
def schema(
    folder: Annotated[Path, typer.Argument(help="Folder for policy.json and case.json.")] = Path(
        "policies/.schema"
    ),
    policies: PoliciesOption = Path("policies"),
) -> None:
    """Write JSON Schemas of policy and case files for editors. The case schema lists the facts and rules of your policies."""
    cases = case_schema(bundle_of(policies))
    with writing():
        folder.mkdir(parents=True, exist_ok=True)
        for name, made in (("policy.json", policy_schema()), ("case.json", cases)):
            (folder / name).write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
            console().print(f"wrote {folder / name}")
