"""Copies of the shipped policies that tests may edit."""

import shutil
from pathlib import Path

from django.conf import settings

from engine.policy.released import LOCK


def copy_policies(target: Path) -> Path:
    """Without the lock of released versions."""
    shutil.copytree(settings.COMITY_POLICIES_DIR, target, ignore=shutil.ignore_patterns(LOCK))
    return target
