"""Test settings: the production code with a test environment."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("COMITY_DEBUG", "true")
os.environ.setdefault("COMITY_WORKERS", "1")
# Each test that stores evidence sets its own folder; one that forgets leaves nothing in the tree.
os.environ.setdefault(
    "COMITY_EVIDENCE_DIR", str(Path(tempfile.gettempdir()) / "comity-tests-store-no-evidence")
)
os.environ.setdefault("COMITY_SECRET_KEY", "only-for-tests-" + "0123456789" * 5)

from config.settings import *  # noqa: F403

# Scrypt is deliberately slow, and no test is about password cracking.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if DATABASES["default"]["ENGINE"] == "config.sqlite":  # noqa: F405
    # A killed process loses nothing by not waiting for the disk; only a machine that loses power would.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"  # noqa: F405

# The detectors are tested separately; other tests use words that determine the result.
MODERATION_PIPELINE = "tests.marketplace.moderation.words.pipeline"

# Otherwise each test client would read all static files before its first request.
WHITENOISE_AUTOREFRESH = True
