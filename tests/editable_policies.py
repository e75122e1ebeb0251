"""Copies of the shipped policies that tests may edit."""

import shutil
from pathlib import Path

from django.conf import settings

from engine.policy.released import LOCK


def copy_policies(target: Path) -> Path:
    """Without the lock of released versions."""
    shutil.copytree(settings.COMITY_POLICIES_DIR, target, ignore=shutil.ignore_patterns(LOCK))
    return target


def add_version(path: Path, effective_from: str, before: str, after: str) -> None:
    """Append version 2 of a policy, which takes effect at that moment, and in which `before` is replaced."""
    first = path.read_text()
    second = first.replace("version: 1\n", "version: 2\n", 1)
    second = second.replace("effective_from: 2026-01-01T00:00:00Z", f"effective_from: {effective_from}", 1)
    assert before in second and "version: 2\n" in second and effective_from in second
    path.write_text(first + "---\n" + second.replace(before, after, 1))
