"""What a test needs of the machine and pip cannot install."""

import os
import shutil

import pytest


def needs(*commands: str, packages: str) -> None:
    """Skips the test where a command is missing, and fails it where none may be."""
    if not all(map(shutil.which, commands)):
        message = f"install Debian's {packages}"
        pytest.fail(message) if "CI" in os.environ else pytest.skip(message)
