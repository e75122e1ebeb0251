"""The chat of the order."""

from typing import Any

import pytest


@pytest.fixture
def messages(order: dict[str, Any]) -> str:
    """The path of its messages."""
    return f"/api/v1/chats/{order['chat_id']}/messages"
