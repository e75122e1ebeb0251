"""Who releases: the environment or git says, or nobody does."""

import subprocess

import pytest

from engine.cli import author


@pytest.fixture
def git(monkeypatch):
    """What git answers: a name, None for an exit code, or an error."""

    def answer(said):
        def run(command, **options):
            if isinstance(said, Exception):
                raise said
            return subprocess.CompletedProcess(command, said is None, stdout=said or "")

        monkeypatch.delenv("GIT_AUTHOR_NAME", raising=False)
        monkeypatch.setattr(author.subprocess, "run", run)

    return answer


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Ada Lovelace\n", "Ada Lovelace"),
        ("  \n", None),
        (None, None),
        (FileNotFoundError("git"), None),
        (subprocess.TimeoutExpired("git", 30), None),
        ("A\nB\u202e", "AB"),
        ("x" * 200, "x" * 100),
    ],
)
def test_name_that_git_says(git, said, name):
    git(said)
    assert author.author() == name


def test_environment_comes_first(git, monkeypatch):
    git("Ada")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Bea")
    assert author.author() == "Bea"
