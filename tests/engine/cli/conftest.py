"""A folder with a small policy and its cases, and a fixture that runs the command in it."""

from collections.abc import Callable, Iterator
from contextlib import chdir
from functools import cache
from pathlib import Path

import pytest
from click.testing import Result
from typer.main import get_command
from typer.testing import CliRunner

from engine.cli import commands
from tests.engine.policies import RETURNS

CASES = """\
policy: returns
at: 2026-03-01T12:00:00Z
given: {paid: true, amount: 10, bought_at: 2026-02-20T12:00:00Z, email: bea@example.com, buyer_id: "7"}
cases:
  - {name: an ordinary one, expect: {outcome: allow, rule: in-time}}
  - {name: a dear one, tags: [dear], facts: {amount: 2000}, expect: {outcome: review, rule: large}}
  - {name: a late one, facts: {bought_at: 2026-01-01T12:00:00Z}, expect: {outcome: deny, rule: too-late}}
  - {name: an unpaid one, tags: [money], facts: {paid: false}, expect: {outcome: deny, rule: never-paid}}
  - {name: a closed one, facts: {closed_at: 2026-02-25T12:00:00Z}, expect: {outcome: deny, rule: too-late}}
"""
OTHER = """\
policy: other
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {paid: bool}
outcomes: [allow, deny]
on_error: deny
rules:
  - {id: was-paid, when: paid, then: allow, source: x}
otherwise: {id: not-paid, then: deny}
"""


@pytest.fixture(autouse=True, scope="session")
def built_once() -> Iterator[None]:
    """Otherwise each invocation would build all commands anew, which takes longer than most of them."""
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr("typer.testing._get_command", cache(get_command))
        yield


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "returns.yaml").write_text(RETURNS)
    (tmp_path / "tests" / "policy_cases").mkdir(parents=True)
    (tmp_path / "tests" / "policy_cases" / "returns.yaml").write_text(CASES)
    return tmp_path


@pytest.fixture
def comity(shop: Path) -> Callable[..., Result]:
    """Run the command in that folder, without starting a process."""

    def run(*arguments: str) -> Result:
        with chdir(shop):
            done = CliRunner().invoke(
                commands(), arguments, env={"NO_COLOR": "1", "COLUMNS": "120"}, prog_name="comity"
            )
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return run
