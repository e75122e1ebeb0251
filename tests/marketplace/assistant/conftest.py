"""Bea's conversations with the assistant."""

from collections.abc import Callable

import pytest

from marketplace.accounts.models import User
from marketplace.assistant.models import Conversation
from marketplace.assistant.services import start_conversation
from tests.marketplace.factories import NOW

Start = Callable[..., Conversation]


@pytest.fixture
def start(bea: User) -> Start:
    def start(
        text: str = "Where is my parcel?", *, owner: User = bea, product_id=None, now=NOW
    ) -> Conversation:
        conversation, _ = start_conversation(owner=owner, text=text, product_id=product_id, now=now)
        return conversation

    return start
