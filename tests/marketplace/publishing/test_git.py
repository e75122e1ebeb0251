"""The revision of a published folder, and the authors of what is new."""

import subprocess
from pathlib import Path

import pytest

from marketplace.publishing.git import authors_of, revision_of
from tests.needs import needs


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "policies").mkdir()
    commit(tmp_path, "policies/fees.yaml", "Ann", "ann@shop.example")
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    identity = [
        "-c",
        "user.name=Nobody",
        "-c",
        "user.email=nobody@shop.example",
        "-c",
        "commit.gpgsign=false",
    ]
    needs("git", packages="git")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, file: str, name: str, address: str) -> None:
    with (folder / file).open("a") as written:
        written.write("# edited\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "edit", f"--author={name} <{address}>")


def test_authors_since_a_revision_are_those_of_the_folder(repository: Path) -> None:
    policies = repository / "policies"
    first = revision_of(policies)
    assert len(first) == 40
    commit(repository, "readme", "Zoe", "zoe@shop.example")
    commit(repository, "policies/fees.yaml", "Bob", "bob@shop.example")

    assert authors_of(policies, since=first) == [("Bob", "bob@shop.example")]
    assert authors_of(policies, since=revision_of(policies)) == []
    everybody = [("Ann", "ann@shop.example"), ("Bob", "bob@shop.example")]
    for unknown in ("", "0" * 40, "--all"):
        assert authors_of(policies, since=unknown) == everybody


def test_uncommitted_edit_is_marked(repository: Path) -> None:
    policies = repository / "policies"
    first = revision_of(policies)
    (policies / "fees.yaml").write_text("# not committed\n")
    assert revision_of(policies) == f"{first}-dirty"
    assert authors_of(policies, since=f"{first}-dirty") == []


def test_folder_outside_of_git_has_neither(tmp_path: Path) -> None:
    assert (revision_of(tmp_path), authors_of(tmp_path, since="")) == ("", [])
