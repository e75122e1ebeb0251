"""Parameters of which `make test` tries only some, and `make test-full` all."""

from collections.abc import Sequence
from typing import Any

import pytest


def sample(values: Sequence[Any], every: int) -> list[Any]:
    """All values; `make test` tries every `every`-th."""
    return [
        value if n % every == 0 else pytest.param(value, marks=pytest.mark.full)
        for n, value in enumerate(values)
    ]
