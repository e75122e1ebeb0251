"""A message that arrives while another transaction is locking the chat waits for it, and is refused."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from decisions import Denied
from marketplace.chats.models import Message
from marketplace.chats.services import lock_chat, send_message
from tests.marketplace.factories import LATER, NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def attempt_during_the_lock(chat_id: int, write: Callable[[], object]) -> Future[object]:
    """Starts a write on another connection once the chat is locked, and commits the lock when that one waits."""

    def write_and_leave() -> object:
        try:
            return write()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            lock_chat(chat_id=chat_id, now=NOW)
            attempt = thread.submit(write_and_leave)
            wait_until_waiting(attempt)
        return attempt


def wait_until_waiting(attempt: Future[object]) -> None:
    deadline = time.monotonic() + 60
    with connection.cursor() as cursor:
        while not attempt.done():
            assert time.monotonic() < deadline
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
            if cursor.fetchone():
                return
            time.sleep(0.01)


def test_service_decides_after_the_lock(order, bea):
    def send() -> object:
        return send_message(author=bea, chat_id=order.chat_id, text="Wait!", now=LATER)

    with pytest.raises(Denied) as denied:
        attempt_during_the_lock(order.chat_id, send).result()
    assert denied.value.decision.rule == "chat-locked"


def test_trigger_looks_after_the_lock(order, bea):
    def insert() -> object:
        return Message.objects.create(chat=order.chat, seq=1, author=bea, text="Wait!", sent_at=LATER)

    with pytest.raises(IntegrityError, match="the chat is locked"):
        attempt_during_the_lock(order.chat_id, insert).result()
