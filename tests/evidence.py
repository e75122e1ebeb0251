"""Evidence storage for tests, installed as an operator would."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from marketplace.disputes.storage.installing import install_volume
from tests.conftest import touches_database


def keep_locally(settings: Any, folder: Path) -> None:
    local = {
        "BACKEND": "marketplace.disputes.storage.files.EvidenceFiles",
        "OPTIONS": {"location": folder},
    }
    settings.STORAGES = {**settings.STORAGES, "evidence": local}


def install() -> None:
    """Also replaces a volume that another fixture installed."""
    install_volume(adopt=True, accept_missing=True, now=timezone.now())


def local_evidence(request: pytest.FixtureRequest, settings: Any, folder: Path) -> Path:
    """The folder, with its marker if the test has a database."""
    keep_locally(settings, folder)
    if touches_database(request.node):
        request.getfixturevalue("db")
        install()
    return folder


def files_in(folder: Path) -> list[Path]:
    """Without the marker."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "volume")
