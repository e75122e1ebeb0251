"""An editable policy folder: the shipped ones and a small policy, `entry`, to break in many ways."""

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
