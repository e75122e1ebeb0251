"""Who runs a command, as the environment or git says."""

from __future__ import annotations

import os
import subprocess

_LONGEST = 100


def author() -> str | None:
    """The name in `GIT_AUTHOR_NAME`, or git's `user.name`. None if neither is set."""
    return _clean(os.environ.get("GIT_AUTHOR_NAME", "")) or _clean(_from_git())


def _from_git() -> str:
    try:
        asked = subprocess.run(
            ["git", "config", "--get", "user.name"],
            capture_output=True, encoding="utf-8", errors="replace", timeout=30, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return asked.stdout if asked.returncode == 0 else ""


def _clean(name: str) -> str | None:
    return "".join(c for c in name.strip() if c.isprintable())[:_LONGEST].strip() or None
