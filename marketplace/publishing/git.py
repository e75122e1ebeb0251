"""What git knows about a folder that is published: the revision, and who wrote what is new."""

import subprocess
from pathlib import Path
from typing import Final

SECONDS: Final = 30


def revision_of(folder: Path) -> str:
    """With the suffix `-dirty` if something is not committed. Empty outside of git."""
    return _git(folder, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*").strip()


def authors_of(folder: Path, *, since: str) -> list[tuple[str, str]]:
    """The names and addresses of the authors of the commits that touch the folder, since a revision if git knows it."""
    known = since.removesuffix("-dirty")
    rest = [f"{known}..HEAD"] if known and _git(folder, "cat-file", "-t", known).strip() == "commit" else []
    listed = _git(folder, "log", "--format=%aN%x00%aE", *rest, "--", ".")
    pairs = (line.split("\0") for line in listed.splitlines() if "\0" in line)
    return sorted({(name, address) for name, address in pairs})


def _git(folder: Path, *arguments: str) -> str:
    """Empty if git fails or is not installed."""
    try:
        run = subprocess.run(
            ["git", *arguments], cwd=folder, capture_output=True, timeout=SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return run.stdout.decode("utf-8", "replace")
