"""The random source of generated tests: repeatable in a small run, different each time in a full one. Draws can shrink; seeds
repeat less often."""

import os
import random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.conftest import SCALES

EXAMPLES = SCALES[os.environ.get("COMITY_TEST_SCALE", "small")].examples
FULL = EXAMPLES >= 1_000
chances = st.randoms(use_true_random=False) | st.integers(0, 2**64 - 1).map(random.Random)


def by_chance(examples: int) -> Any:
    return settings(
        max_examples=max(1, examples),
        deadline=None,
        database=None,
        derandomize=not FULL,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
