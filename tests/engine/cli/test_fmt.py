"""`comity fmt` formats files; with --check it only lists those that it would change."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from documents.nodes import digest_of, parse_documents
from documents.source import Source
from engine.cli import commands

ROUGH = "policy: chat   \n\n\n#who\nversion: 1"
TIDY = "policy: chat\n\n# who\nversion: 1\n"


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(commands(), ["fmt", *map(str, arguments)])
    return result.exit_code, result.output


@pytest.fixture
def rough(tmp_path: Path) -> Path:
    file = tmp_path / "chat.yaml"
    file.write_text(ROUGH)
    return file


def test_a_rough_file_is_tidied_and_then_tidy(rough: Path):
    assert run(rough) == (0, f"tidied {rough}\n1 file, 1 tidied\n")
    assert rough.read_text() == TIDY
    assert run(rough) == (0, "1 file, 0 tidied\n")


def test_check_says_so_and_changes_nothing(rough: Path):
    assert run("--check", rough.parent) == (1, f"would tidy {rough}\n1 file, 1 to tidy\n")
    assert rough.read_text() == ROUGH


def test_check_of_a_tidy_file_is_good(rough: Path):
    rough.write_text(TIDY)
    assert run("--check", rough) == (0, "1 file, 0 to tidy\n")


def test_a_broken_file_is_reported_and_left_unchanged(rough: Path):
    rough.write_text("policy: [chat   \n")
    code, output = run(rough)
    assert (code, rough.read_text()) == (1, "policy: [chat   \n")
    assert "error[yaml-syntax]: this `[` is never closed" in output


def test_a_missing_file_is_wrong_use(tmp_path: Path):
    code, output = run(tmp_path / "none.yaml")
    assert code == 2
    assert "there is no `" in output


def test_a_released_version_is_left_alone(rough: Path):
    (document,), _ = parse_documents(Source("chat.yaml", ROUGH))
    (rough.parent / "released.lock").write_text(f"chat 1 {digest_of(document)}\n")
    run(rough)
    assert rough.read_text() == ROUGH + "\n"
