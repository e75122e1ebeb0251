"""A folder of policies to edit: those of the house and one more, `entry`, small enough to break in many ways."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings as configured

from tests.decisions.entry import ENTRY


@pytest.fixture
def policies(tmp_path: Path, settings) -> Path:
    folder = tmp_path / "policies"
    shutil.copytree(configured.POLICIES_DIR, folder)
    (folder / "entry.yaml").write_text(ENTRY)
    settings.POLICIES_DIR = folder
    return folder
