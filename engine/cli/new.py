"""`comity new`: create a starter policy with passing cases."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from documents.reader import NAME, RESERVED
from engine.bundle import load_bundle
from engine.cli.app import PoliciesOption, app, console, writing, wrong_use
from engine.cli.test import CASES

POLICY = """\
# yaml-language-server: $schema=.schema/policy.json
policy: {name}
version: 1
effective_from: {today}T00:00:00Z
owner: who answers for it
summary: What this policy decides, in a sentence.
source: who decided this, and where it is written down

facts:
  requested_at: timestamp
  amount: {{type: int, show: true, help: In cents.}}

parameters:
  window: {{type: duration, value: 30d, min: 1d, max: 90d, show: true, help: How long a request is in time.}}
  most: {{type: int, value: 50000, min: 0, max: 1000000, help: From more than this on somebody has a look.}}

conditions:
  in_time: now < requested_at + window

outcomes: [allow, review, deny]   # from the most permissive to the most restrictive
on_error: deny                    # what is decided where the facts do not fit

rules:
  - id: large
    when: in_time && amount > most
    then: review
    message: Somebody has a look at {{amount}} cents.
    source: who decided this rule
  - id: in-time
    when: in_time
    then: allow
    message: The request is in time.
    source: who decided this rule

otherwise: {{id: too-late, then: deny, message: "Requests are taken for {{window}}."}}
"""
POLICY_CASES = """\
# yaml-language-server: $schema={schema}
policy: {name}
at: {today}T12:00:00Z
with: {{window: 30d, most: 50000}}   # so that these cases pass whatever the policy's own values are
given: {{requested_at: {today}T11:00:00Z, amount: 100}}

cases:
  - name: an ordinary request
    expect: {{outcome: allow, rule: in-time, message: The request is in time.}}
  - name: a large one
    facts: {{amount: 50001}}
    expect: {{outcome: review, rule: large, message: Somebody has a look at 50001 cents.}}
  - name: a late one
    facts: {{requested_at: {late}T12:00:00Z}}
    expect: {{outcome: deny, rule: too-late, message: Requests are taken for 30 days.}}
  - name: the amount is not known
    without: [amount]
    expect: {{outcome: deny, rule: on-error}}

table:
  facts:  [amount, requested_at]
  expect: [outcome, rule]
  rows:
    - [50000, {today}T11:00:00Z, allow,  in-time]
    - [50001, {today}T11:00:00Z, review, large]
    - [50001, {late}T12:00:01Z, review, large]
    - [50001, {late}T12:00:00Z, deny,   too-late]
"""


@app.command()
def new(
    policy: Annotated[str, typer.Argument(help="Policy name: lowercase letters, digits and `_`.")],
    policies: PoliciesOption = Path("policies"),
    cases: Annotated[Path, typer.Option("--cases", help="Folder for its cases.")] = CASES,
) -> None:
    """Write a starter policy and a case file that passes."""
    if not NAME.fullmatch(policy) or policy in RESERVED:
        wrong_use(f"`{policy}` is not a name: it needs lower-case letters, digits and `_`, a letter first")
    files = {policies / f"{policy}.yaml": POLICY, cases / f"{policy}.yaml": POLICY_CASES}
    for path in files:
        if path.exists():
            wrong_use(f"there is a `{path}` already")
    bundle = load_bundle(policies).bundle
    if bundle is not None and policy in bundle.policies:
        wrong_use(f"there is a policy `{policy}` already")
    today = datetime.now(UTC).date()
    late = today - timedelta(days=30)
    schema = _between(cases, policies / ".schema" / "case.json")
    written: list[Path] = []
    with writing():
        try:
            for path, content in files.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("x", encoding="utf-8") as stream:
                    written.append(path)
                    stream.write(content.format(name=policy, today=today, late=late, schema=schema))
        except OSError:
            for path in written:
                path.unlink()
            raise
    for path in files:
        console().print(f"wrote {path}")
    console().print("next: `comity check`, `comity test --coverage`")


def _between(folder: Path, path: Path) -> str:
    """The relative path from a folder to a file."""
    return Path(os.path.relpath(path, folder)).as_posix()
