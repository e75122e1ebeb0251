"""Copies of the shipped policies for tests that edit them."""

import shutil
from pathlib import Path

from django.conf import settings

from engine.policy.released import LOCK


def copy_policies(target: Path) -> Path:
    """Without the lock of their released versions: a test may change those."""
    shutil.copytree(settings.COMITY_POLICIES_DIR, target, ignore=shutil.ignore_patterns(LOCK))
    return target
