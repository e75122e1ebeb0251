"""`comity check` names what was changed in a released version, from its text in git."""

import subprocess

import pytest

from tests.needs import needs

RELEASED = "version 1 of `returns` is released, and its meaning has been changed"


@pytest.fixture(autouse=True)
def git(shop, monkeypatch):
    needs("git", packages="git")

    def run(*arguments: str) -> None:
        subprocess.run(["git", "-C", str(shop), *arguments], check=True, capture_output=True, timeout=60)

    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(name, "ada@example.com")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(shop.parent))
    return run


@pytest.fixture
def change(shop):
    def replace(before: str, after: str) -> None:
        path = shop / "policies/returns.yaml"
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after, 1))

    return replace


@pytest.fixture
def released(comity, git):
    assert comity("release").exit_code == 0
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "release")


def errors(done) -> list[str]:
    assert done.exit_code == 1
    return [line for line in done.stdout.splitlines() if "error[released-changed]" in line]


@pytest.mark.usefixtures("released")
def test_changed_parts_are_named_at_their_places(comity, change):
    change("value: 30d", "value: 29d")
    change("amount > 1000", "amount > 900")
    assert errors(comity("check")) == [
        f"policies/returns.yaml:12:35: error[released-changed]: {RELEASED}: in the parameter `window`, value was `30d`, and is "
        "`29d`",
        f"policies/returns.yaml:20:23: error[released-changed]: {RELEASED}: in the rule `large`, when was "
        "`in_time && amount > 1000`, and is `in_time && amount > 900`",
    ]


@pytest.mark.usefixtures("released")
def test_change_that_was_committed_since_is_still_found(git, comity, change):
    change("value: 30d", "value: 29d")
    git("commit", "-q", "-a", "-m", "a change")
    [line] = errors(comity("check"))
    assert line.endswith("in the parameter `window`, value was `30d`, and is `29d`")


@pytest.mark.usefixtures("released")
def test_revision_corrects_only_texts(comity, change):
    change("version: 1", "version: 1\nrevision: 1")
    change("value: 30d", "value: 29d")
    assert "a `revision` corrects only texts" in comity("check").stdout


def test_without_git_it_says_that_the_text_is_not_at_hand(comity, change):
    assert comity("release").exit_code == 0
    change("value: 30d", "value: 29d")
    [line] = errors(comity("check"))
    assert line.endswith(f"{RELEASED}; git has no text of its release here, so what was changed is not known")
