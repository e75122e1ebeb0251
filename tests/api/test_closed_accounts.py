"""A person is erased while their own request is in progress: nothing of it is stored."""

import threading
import time
from collections.abc import Callable
from contextvars import Context
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from api import admission
from marketplace.accounts.erasure import erase_account
from marketplace.accounts.models import ErasureRequest, User
from marketplace.accounts.queries import lock_open
from tests.api.callers import Caller, refusal_of
from tests.marketplace.accounts.test_erasure import everything_stored

TRACE = "tracebea"
PLACES = {"{id}", "{product_id}"}
KEYS = [{}, {"Idempotency-Key": "one"}]


def erase_once_admitted(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on everybody is erased as soon as their request has been admitted."""
    recognize = admission.recognize

    def erase(request: Any, user: User | None) -> None:
        recognize(request, user)
        if user is not None:
            Context().run(erase_account, user_id=user.pk, now=timezone.now())  # not as part of the request

    monkeypatch.setattr(admission, "recognize", erase)


@pytest.mark.parametrize("key", KEYS, ids=["without-key", "with-key"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/reviews", {"product_id": "{product_id}", "rating": 1, "text": TRACE}),
        ("/api/v1/disputes", {"order_id": "{id}", "text": TRACE}),
        ("/assistant/conversations", {"message": TRACE}),
        ("/assistant/ninja/conversations", {"message": TRACE}),
    ],
)
def test_nothing_is_written_for_an_erased_person(
    buyer: Caller,
    sold: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    body: dict[str, Any],
    key: dict[str, str],
) -> None:
    wanted = {name: sold[value[1:-1]] if value in PLACES else value for name, value in body.items()}
    erase_once_admitted(monkeypatch)

    refused = buyer.post(path.format(**sold), wanted, **key)

    assert refusal_of(refused) == (401, "invalid-token")
    assert TRACE not in everything_stored()


def test_message_of_an_erased_person_is_not_written(
    buyer: Caller, messages: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase_once_admitted(monkeypatch)

    refused = buyer.post(messages, {"text": TRACE})

    assert refusal_of(refused) == (401, "invalid-token")
    assert TRACE not in everything_stored()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_erasure_waits_for_a_request_in_progress(buyer: Caller) -> None:
    """Otherwise a message that commits after the erasure would stay: PostgreSQL checks foreign keys only at the commit."""
    results: list[object] = []
    erasing = threading.Thread(
        target=_run, args=(lambda: erase_account(user_id=buyer.id, now=timezone.now()), results)
    )
    with transaction.atomic():
        assert lock_open(buyer.id)
        erasing.start()
        wait_until_somebody_waits()
        assert results == []
        assert not ErasureRequest.objects.exists()
    erasing.join(timeout=60)

    assert len(results) == 1
    assert not lock_open(buyer.id)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_requests_of_one_person_do_not_wait_for_each_other(buyer: Caller) -> None:
    results: list[object] = []
    with transaction.atomic():
        assert lock_open(buyer.id)
        other = threading.Thread(target=_run, args=(lambda: _lock(buyer.id), results))
        other.start()
        other.join(timeout=60)
    assert results == [True]


def _lock(user_id: int) -> bool:
    with transaction.atomic():
        return lock_open(user_id)


def wait_until_somebody_waits() -> None:
    deadline = time.monotonic() + 60
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone() != (0,):
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits for a lock")


def _run(act: Callable[[], object], results: list[object]) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '60s'")
        results.append(act())
    finally:
        connection.close()
