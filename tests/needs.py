"""Requirements of tests that pip cannot install."""

import os
import shutil
import sys

import pytest

DURABLE_RULES = sys.version_info < (3, 13)
"""Whether durable-rules can be installed: it does not build on newer Pythons, so it is optional there."""
needs_durable_rules = pytest.mark.skipif(
    not DURABLE_RULES, reason="there is no durable-rules for this Python"
)
ENGINES = ["compiler", "reference", pytest.param("durable", marks=needs_durable_rules)]
"""The names of the backends that decide a policy."""


def needs(*commands: str, packages: str) -> None:
    """Skips the test if a command is missing, or fails it where skipping is not allowed."""
    if not all(map(shutil.which, commands)):
        message = f"install Debian's {packages}"
        pytest.fail(message) if "CI" in os.environ else pytest.skip(message)
