"""A folder of policies to edit: those of the house and one more, `entry`, small enough to break in many ways."""

from pathlib import Path

import pytest

from tests.decisions.entry import ENTRY
from tests.editable_policies import copy_policies


@pytest.fixture
def policies(tmp_path: Path, settings) -> Path:
    folder = copy_policies(tmp_path / "policies")
    (folder / "entry.yaml").write_text(ENTRY)
    settings.COMITY_POLICIES_DIR = folder
    return folder
