"""The wheel of this checkout, and a foreign project with it installed."""

from pathlib import Path

import pytest

from tests.package.host import Host, build_wheel, make_host


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def host(wheel: Path, tmp_path: Path) -> Host:
    return make_host(tmp_path, wheel)
