"""The package runs from a checkout that is not installed, as the documented server does."""

import importlib
from importlib import metadata

import pytest

from engine import version


def test_checkout_that_is_not_installed_has_a_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert importlib.reload(version).VERSION == "0+checkout"
    monkeypatch.undo()
    assert metadata.version("comity") == importlib.reload(version).VERSION
