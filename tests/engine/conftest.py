"""Fixtures of the engine's tests."""

import pytest


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden texts are rewritten rather than compared."""
    return bool(request.config.getoption("--update-golden"))
