"""The tour of docs/publishing.md does what the page says."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from decisions import bundles
from marketplace.accounts.models import Role
from marketplace.accounts.services import issue_token
from marketplace.publishing import reporting
from marketplace.publishing.checking import check_bundle
from marketplace.publishing.files import read_folder
from marketplace.publishing.queries import active
from marketplace.publishing.standing import Standing
from tests.marketplace.factories import NOW, make_user
from tests.marketplace.publishing.bundle import ROOT
from tests.pasting import paste

pytestmark = [
    pytest.mark.full_on("postgresql"),
    pytest.mark.django_db(transaction=True, reset_sequences=True),
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),  # by pytest-xdist
]
BLOCK = re.compile(r"^```bash tour\n(.*?)^```$", re.MULTILINE | re.DOTALL)
POLICIES = ("moderation_queue.yaml", "policy_change.yaml")


@pytest.fixture
def pasted(db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two of the shipped policies, so that publishing is cheap."""
    monkeypatch.setattr("decisions.needs.needed_policies", list)
    policies = settings.COMITY_POLICIES_DIR = tmp_path / "policies"
    cases = settings.COMITY_CASES_DIR = tmp_path / "tests" / "policy_cases"
    policies.mkdir()
    cases.mkdir(parents=True)
    for name in POLICIES:
        shutil.copy(ROOT / "policies" / name, policies)
        shutil.copy(ROOT / "tests" / "policy_cases" / name, cases)
    monkeypatch.chdir(tmp_path)
    warm(policies, cases)
    people = {"ANN": make_user("ann", Role.POLICY_OWNER), "CARL": make_user("carl", Role.MODERATOR)}
    tokens = {name: issue_token(user=user, now=NOW) for name, user in people.items()}

    def run(script: str) -> str:
        environment = tokens | {"COMITY_POLICIES_DIR": str(policies), "TMPDIR": str(tmp_path)}
        code, output, errors = paste(script, environment, tmp_path)
        assert (code, errors) == (0, "")
        return output

    return run


def warm(policies: Path, cases: Path) -> None:
    """Imports the command, and compiles, checks and compares both bundles of the tour, so that not each of its forks does."""
    call_command("policy", "list")
    before = read_folder(policies, cases)
    name = "moderation_queue.yaml"
    after = before | {name: before[name].replace("value: 24h", "value: 12h")}
    base = bundles.in_force()
    check_bundle(before)
    reporting._difference(Standing(None, base, before), check_bundle(after))


def test_tour(pasted: Any) -> None:
    blocks = BLOCK.findall((ROOT / "docs" / "publishing.md").read_text())
    assert len(blocks) == 3
    said = pasted("\n".join(blocks))
    assert "values of parameters change; files changed: moderation_queue.yaml" in said
    assert "moderation_queue: the outcome stays" in said or "moderation_queue: `" in said
    assert "bundle 2 scheduled for 2099-01-01T00:00:00Z" in said
    listed = [line.split(",")[0] for line in said.splitlines()[-3:]]
    assert listed == ["bundle 3: replaced", "bundle 2: withdrawn", "bundle 1: active"]
    in_force = active()
    assert in_force is not None
    assert in_force.publication_id == 1
