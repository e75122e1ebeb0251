"""A policy folder with the profiles, their claims and the policy about changes: all that publishing needs."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from marketplace.moderation.services import POLICY

ROOT = Path(__file__).parents[3]


def make_folder(folder: Path, settings: Any, patching: pytest.MonkeyPatch) -> Path:
    """In force from now on."""
    patching.setattr("decisions.needs.needed_policies", list)
    policies, cases = folder / "policies", folder / "cases"
    policies.mkdir()
    cases.mkdir()
    for name in (POLICY, "policy_change"):
        shutil.copy(ROOT / "policies" / f"{name}.yaml", policies)
    head, *claims = (ROOT / "policies" / "claims.yaml").read_text().split("\n  - id: ")
    about = [claim for claim in claims if f"policy: {POLICY}" in claim]
    (policies / "claims.yaml").write_text("\n  - id: ".join([head, *about]) + "\n")
    settings.COMITY_POLICIES_DIR, settings.COMITY_CASES_DIR = policies, cases
    return policies
