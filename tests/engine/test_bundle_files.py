"""Files that are not policies are reported by name, and none of them stops or blocks the loading of the others."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from documents.source import Source
from engine import load_bundle
from engine.policy.loader import load
from tests.engine.golden import FOLDER, MINIMAL


def a_directory(folder: Path) -> None:
    (folder / "chat.yaml").mkdir()


def a_pipe(folder: Path) -> None:
    os.mkfifo(folder / "chat.yaml")


def a_dangling_link(folder: Path) -> None:
    (folder / "chat.yaml").symlink_to("nowhere.yaml")


def one_policy_in_two_files(folder: Path) -> None:
    (folder / "chat.yaml").write_text(MINIMAL)
    (folder / "example.yaml").write_text(MINIMAL)


def nothing(folder: Path) -> None:
    (folder / ".hidden.yaml").write_text(MINIMAL)
    (folder / "notes.txt").write_text("none")


def no_folder(folder: Path) -> None:
    folder.rmdir()


@pytest.mark.parametrize(
    "prepare", [a_directory, a_pipe, a_dangling_link, one_policy_in_two_files, nothing, no_folder]
)
def test_diagnostics_of_a_folder(
    prepare: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update_golden: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path("policies")
    folder.mkdir()
    prepare(folder)
    loaded = load_bundle(folder)
    rendered = "\n".join(d.render() for d in loaded.diagnostics) + "\n"
    golden = FOLDER / "files" / f"{prepare.__name__}.txt"
    if update_golden:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(rendered, encoding="utf-8")
    assert (loaded.bundle, rendered) == (None, golden.read_text(encoding="utf-8"))


def test_line_endings_of_other_systems_mean_the_same() -> None:
    endings = ("\n", "\r\n", "\r")
    results = [load(Source("p.yaml", MINIMAL.replace("\n", ending))) for ending in endings]
    assert [problems for _, problems in results] == [(), (), ()]
    assert {(p.name, tuple(p.facts), p.outcomes) for policies, _ in results for p in policies} == {
        ("example", tuple(results[0][0][0].facts), ("allow", "deny"))
    }


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_place_of_a_mistake_after_other_line_endings(ending: str) -> None:
    text = f"# ünicode 🙂{ending}policy: example{ending}versoin: 1{ending}"
    problem = next(p for p in load(Source("p.yaml", text))[1] if p.code == "unknown-key")
    assert (problem.line, problem.column, problem.length, problem.source_line) == (3, 1, 7, "versoin: 1")
