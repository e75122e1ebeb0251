"""A file name for each test, in a folder of its own."""

from pathlib import Path

import pytest


@pytest.fixture
def rows_file(tmp_path: Path) -> Path:
    return tmp_path / "rows"
