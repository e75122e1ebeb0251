"""Parameters of which `make test` tries only some, and `make test-full` all."""

import os
from collections.abc import Sequence
from typing import Any

import pytest


def sample(values: Sequence[Any], every: int) -> list[Any]:
    """All values; `make test` tries every `every`-th."""
    return sample_rows([(value,) for value in values], every)


def sample_rows(rows: Sequence[tuple[Any, ...]], every: int) -> list[Any]:
    """The same for several parameters at once."""
    return [
        pytest.param(*row, marks=[] if n % every == 0 else [pytest.mark.full]) for n, row in enumerate(rows)
    ]


def rows_to_compare(full: int) -> int:
    """The rows that a full run compares, in one go, or in several runs of COMITY_TEST_ROWS each, which are different rows."""
    return int(os.environ.get("COMITY_TEST_ROWS", full))
