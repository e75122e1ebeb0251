"""Fixtures of the engine's tests, and what its voices agreed on."""

import pytest

from tests.engine import voices


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden texts are rewritten rather than compared."""
    return bool(request.config.getoption("--update-golden"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = list(voices.told())
    if lines:
        terminalreporter.section("voices")
    for line in lines:
        terminalreporter.write_line(line)
