"""No file that looks like a policy or a case file is silently ignored."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.bundle import load_bundle
from engine.cli import commands
from tests.engine.mistakes import CASES, POLICY


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(commands(), list(map(str, arguments)))
    return result.exit_code, result.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("policies", POLICY), ("cases", CASES)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "tool_loan.yaml").write_text(text)
    return tmp_path


def test_a_policy_in_yml_is_an_error_for_the_command_and_for_the_server(folder: Path):
    (folder / "policies" / "other.yml").write_text("nonsense: [")
    code, output = run("check", folder / "policies")
    assert code == 1
    assert "other.yml:1:1: error[unread-file]: only files that end in `.yaml` are read" in output
    assert "hint: rename it to `other.yaml`" in output
    loaded = load_bundle(folder / "policies")
    assert loaded.bundle is None
    assert [d.code for d in loaded.diagnostics] == ["unread-file"]


def test_only_yml_is_reported_as_such(folder: Path):
    (folder / "policies" / "tool_loan.yaml").rename(folder / "policies" / "tool_loan.yml")
    assert [d.code for d in load_bundle(folder / "policies").diagnostics] == ["unread-file"]


@pytest.mark.parametrize("paths", [["policies", "more"], ["policies/tool_loan.yaml", "more/other.yml"]])
def test_several_paths_are_looked_at_too(folder: Path, paths: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(folder)
    (folder / "more").mkdir()
    (folder / "more" / "other.yml").write_text(POLICY.replace("tool_loan", "other"))
    code, output = run("check", *paths)
    assert code == 1
    assert output.count("error[unread-file]") == 1


def test_policies_in_a_folder_below_are_an_error(folder: Path):
    (folder / "policies" / "europe").mkdir()
    (folder / "policies" / "europe" / "other.yaml").write_text(POLICY)
    code, output = run("check", folder / "policies")
    assert code == 1
    assert "error[unread-folder]: nothing in this folder is read" in output


def test_cases_in_yml_are_an_error(folder: Path):
    (folder / "cases" / "below").mkdir()
    (folder / "cases" / "below" / "more.yml").write_text(CASES)
    code, output = run("test", folder / "cases", "--policies", folder / "policies")
    assert code == 1
    assert "more.yml:1:1: error[unread-file]" in output
    assert "3 cases passed" in output


def test_fmt_says_so_and_leaves_them(folder: Path):
    (folder / "cases" / "more.yml").write_text(CASES + "\n\n\n")
    code, output = run("fmt", folder / "cases")
    assert code == 1
    assert "error[unread-file]" in output
    assert (folder / "cases" / "more.yml").read_text() == CASES + "\n\n\n"
