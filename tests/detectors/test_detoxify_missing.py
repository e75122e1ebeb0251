"""Without the extra, the error says that detoxify is missing and how to install it."""

import sys
from pathlib import Path

import pytest

from detectors.classifier import load_detoxify
from detectors.model import ModelMissing


@pytest.mark.parametrize("package", ["torch", "detoxify"])
def test_missing_package_is_reported(package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torch", "detoxify"):
        monkeypatch.setitem(sys.modules, name, sys)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModelMissing) as missing:
        load_detoxify(tmp_path, "0" * 64, None)
    assert str(missing.value) == f"`{package}` is not installed; install the extra `detoxify`"
