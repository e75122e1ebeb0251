"""Fixtures of the engine's tests."""

import pytest


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether to rewrite golden texts instead of comparing them."""
    return bool(request.config.getoption("--update-golden"))
