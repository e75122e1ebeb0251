"""Forgetting a person: texts are blanked, and sales stay as they were, with nobody's name to them.

App configurations name what each of them blanks, and what may stand against it for a while:
`erases = ("shop.mail.forget",)` takes `user_id` and says how much it blanked, and
`holds_erasure = ("shop.law.open_cases",)` takes `user_id` and gives a sentence for each reason to wait.
An app that keeps copies of texts of others names what forgets those of something that is erased by itself:
`forgets = ("shop.cache.drop",)` takes `kind` and `number`, such as "conversation" and 7.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import structlog
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q
from django.utils.module_loading import import_string

from marketplace.accounts.models import ErasureRequest, Token, User
from marketplace.transactions import patiently, write

log = structlog.get_logger(__name__)


class ErasureHeld(Exception):
    """Something has to be over first. The request is kept, and `manage.py run_due` does it then."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


class ErasureFailed(Exception):
    """Some accounts have to wait for the next time; the log says why."""


def erase_account(*, user_id: int, now: datetime) -> dict[str, int]:
    """How much each part blanked. The account cannot be used from here on. Asking again changes nothing. Raises
    User.DoesNotExist, or ErasureHeld."""
    patiently(lambda: _close(user_id, now), repeatable=True)
    return patiently(lambda: _erase(user_id, now), repeatable=True)


def erase_waiting(*, now: datetime) -> int:
    """How many of those who wait were forgotten, now that nothing stands against it. Raises ErasureFailed after all
    have been tried."""
    waiting = ErasureRequest.objects.filter(done_at=None).order_by("pk").values_list("user_id", flat=True)
    erased = failed = 0
    for user_id in list(waiting):
        try:
            erased += _erase_if_possible(user_id, now)
        except Exception:
            log.exception("erasure_failed", user_id=user_id)
            failed += 1
    if failed:
        raise ErasureFailed(f"{failed} accounts could not be erased, {erased} were")
    return erased


def forget_copies(*, kind: str, number: int) -> None:
    """Belongs into the transaction that erases what the copies are of."""
    for forget in _declared("forgets"):
        forget(kind=kind, number=number)


def blank_account(*, user_id: int) -> int:
    """The row stays, since sales point to it; what it said of the person goes, in the admin's history too."""
    user = User.objects.filter(pk=user_id)
    user.update(
        username=f"erased-{user_id}",
        first_name="",
        last_name="",
        email="",
        password=UNUSABLE_PASSWORD_PREFIX,
        last_login=None,
        is_staff=False,
        is_superuser=False,
    )
    named = Q(content_type__app_label="accounts", content_type__model="user", object_id=str(user_id))
    LogEntry.objects.filter(named).update(object_repr=f"erased-{user_id}", change_message="")
    return 1


def _close(user_id: int, now: datetime) -> None:
    with write():
        user = User.objects.select_for_update().get(pk=user_id)
        ErasureRequest.objects.get_or_create(user=user, defaults={"requested_at": now})
        User.objects.filter(pk=user_id).update(is_active=False)
        Token.objects.filter(user_id=user_id).delete()


def _erase_if_possible(user_id: int, now: datetime) -> bool:
    try:
        patiently(lambda: _erase(user_id, now), repeatable=True)
    except ErasureHeld as held:
        log.info("erasure_waits", user_id=user_id, reasons=held.reasons)
        return False
    return True


def _erase(user_id: int, now: datetime) -> dict[str, int]:
    """One transaction: a person is not half forgotten."""
    with write():
        request = ErasureRequest.objects.select_for_update().get(user_id=user_id)
        if reasons := [reason for hold in _declared("holds_erasure") for reason in hold(user_id=user_id)]:
            raise ErasureHeld(reasons)
        blanked = {blank.__name__: blank(user_id=user_id) for blank in _declared("erases")}
        ErasureRequest.objects.filter(pk=request.pk, done_at=None).update(done_at=now)
    log.info("account_erased", user_id=user_id, **blanked)
    return blanked


def _declared(attribute: str) -> Iterator[Callable[..., Any]]:
    for config in apps.get_app_configs():
        yield from (import_string(path) for path in getattr(config, attribute, ()))
