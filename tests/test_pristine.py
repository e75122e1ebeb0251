"""A test that commits leaves nothing behind, whatever it did to the database."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from decisions import triggers
from marketplace.accounts.models import User
from tests.pristine import PRISTINE

pytestmark = pytest.mark.django_db(transaction=True)


def shipped() -> list[tuple[str, int]]:
    return [(group.name, group.permissions.count()) for group in Group.objects.order_by("name")]


def change() -> None:
    Group.objects.filter(name="Agents").delete()
    Group.objects.create(name="Night shift")
    Permission.objects.filter(codename="view_user").delete()


def fill() -> None:
    User.objects.create_user("bea")
    data = "x" * 1_000
    sessions = (
        Session(session_key=f"{n}", session_data=data, expire_date=timezone.now()) for n in range(800)
    )
    Session.objects.bulk_create(sessions)


def empty() -> None:
    triggers.lift()
    call_command("flush", interactive=False, verbosity=0)


@pytest.mark.parametrize("mess", [change, fill, triggers.lift, empty])
def test_database_is_put_back(mess: Callable[[], None]) -> None:
    before = shipped(), Permission.objects.count()
    assert "Agents" in dict(before[0])

    mess()
    PRISTINE.restore()

    assert (shipped(), Permission.objects.count()) == before
    assert not User.objects.exists() and not Session.objects.exists()
    assert triggers.missing() == []
