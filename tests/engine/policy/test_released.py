"""A released version never changes."""

import shutil
from pathlib import Path

import pytest

from engine import load_bundle
from engine.bundle import policy_files
from engine.policy.released import read_lock, write_lock


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """The repository's policies, all released."""
    folder = tmp_path / "policies"
    folder.mkdir()
    for path in policy_files(Path("policies")):
        shutil.copy(path, folder)
    loaded = load_bundle(folder)
    assert loaded.bundle is not None
    versions = [v.validated.policy for versions in loaded.bundle.policies.values() for v in versions.all]
    write_lock(folder, read_lock(folder)[0], versions)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def problems_in(folder: Path, **options) -> list[tuple[str, str, int, str]]:
    return [
        (Path(d.file).name, d.code, d.line, d.severity) for d in load_bundle(folder, **options).diagnostics
    ]


def test_unchanged_versions_are_good(policies):
    assert problems_in(policies) == []


def test_comment_above_a_policy_may_change(policies):
    path = policies / "chat.yaml"
    path.write_text("# Another comment.\n" + path.read_text())
    assert problems_in(policies) == []


def test_changed_version_is_an_error_at_its_number(policies):
    edit(policies / "chat.yaml", "The chat is open.", "Write on.")
    assert problems_in(policies) == [("chat.yaml", "released-changed", 4, "error")]
    assert load_bundle(policies).bundle is None


def test_changed_version_is_a_warning_where_editing_must_just_work(policies):
    edit(policies / "chat.yaml", "The chat is open.", "Write on.")
    assert problems_in(policies, released="warning") == [("chat.yaml", "released-changed", 4, "warning")]
    assert load_bundle(policies, released="warning").bundle is not None


def test_vanished_version_is_an_error_at_its_line_of_the_lock(policies):
    (policies / "chat.yaml").unlink()
    assert problems_in(policies) == [("released.lock", "released-vanished", 3, "error")]


def test_new_version_below_a_released_one_is_good_and_is_released_next(policies):
    path = policies / "chat.yaml"
    text = path.read_text()
    second = text.replace("version: 1", "version: 2").replace("2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z")
    path.write_text(text.rstrip() + "\n---\n" + second)
    bundle = load_bundle(policies).bundle
    assert bundle is not None
    assert write_lock(
        policies, read_lock(policies)[0], [v.validated.policy for v in bundle.policies["chat"].all]
    ) == [("chat", 2)]


def test_lock_that_holds_something_else_is_an_error(policies):
    (policies / "released.lock").write_text("chat one sha\n")
    assert problems_in(policies) == [("released.lock", "bad-lock", 1, "error")]
