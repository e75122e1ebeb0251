"""Copies of the shipped policies that tests may edit."""

import shutil
from functools import cache
from pathlib import Path

from django.conf import settings

from decisions import conf
from decisions.bundles import directory_at
from engine.backends.backend import Backend
from engine.bundle import File, Kept, load_files, policy_files
from engine.policy.released import LOCK


def copy_policies(target: Path) -> Path:
    """Without the lock of released versions. Only what a test edits is compiled again."""
    shipped = Path(settings.COMITY_POLICIES_DIR)
    shutil.copytree(shipped, target, ignore=shutil.ignore_patterns(LOCK))
    kept = _compiled(shipped, conf.engine())
    directory_at(target)._kept.files = {str(target / Path(name).name): file for name, file in kept.items()}
    return target


@cache
def _compiled(folder: Path, compile: Backend) -> dict[str, File]:
    kept = Kept()
    load_files(policy_files(folder), compile=compile, kept=kept)
    return kept.files


def add_version(path: Path, effective_from: str, before: str, after: str) -> None:
    """Append version 2 of a policy, which takes effect at that moment, and in which `before` is replaced."""
    first = path.read_text()
    second = first.replace("version: 1\n", "version: 2\n", 1)
    second = second.replace("effective_from: 2026-01-01T00:00:00Z", f"effective_from: {effective_from}", 1)
    assert before in second and "version: 2\n" in second and effective_from in second
    path.write_text(first + "---\n" + second.replace(before, after, 1))
