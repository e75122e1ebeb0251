"""A public linter and two generators accept every document without warnings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.clients.conftest import DOCUMENTS, HERE, NAMES


def test_linter_finds_nothing(node: Callable[..., str]) -> None:
    files = [DOCUMENTS / f"{name}.json" for name in NAMES]

    node("spectral", "lint", "--ruleset", HERE / "spectral.yaml", "--fail-severity", "hint", *files)


def test_generated_python_keeps_files(generated: Callable[[str], Any]) -> None:
    """The generator fails if it would leave anything out."""
    download = generated("marketplace.api.media.download_media")

    assert "File" in str(download.sync.__annotations__["return"])


def test_generated_typescript_compiles_where_it_is_used(node: Callable[..., str], tmp_path: Path) -> None:
    for name in NAMES:
        node("openapi-typescript", DOCUMENTS / f"{name}.json", "--output", tmp_path / f"{name}.ts")
    (tmp_path / "use.ts").write_text((HERE / "use.ts").read_text())

    node("tsc", "--strict", "--noEmit", "--target", "es2022", "--module", "nodenext", tmp_path / "use.ts")
