"""The settings of the test run: those of production code in an environment of the tests' own."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("COMITY_DEBUG", "true")
os.environ.setdefault("COMITY_WORKERS", "1")
# Each test that stores evidence names a folder of its own; one that forgets leaves nothing in the tree.
os.environ.setdefault(
    "COMITY_EVIDENCE_DIR", str(Path(tempfile.gettempdir()) / "comity-tests-store-no-evidence")
)
os.environ.setdefault("COMITY_SECRET_KEY", "only-for-tests-" + "0123456789" * 5)

from config.settings import *  # noqa: F403

# Scrypt is slow on purpose, and no test is about guessing passwords.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# How texts are judged is tested with the detectors; everything else goes by words that a test can choose.
MODERATION_PIPELINE = "tests.marketplace.moderation.words.pipeline"

# Or each client of a test would read every static file there is before its first request.
WHITENOISE_AUTOREFRESH = True
