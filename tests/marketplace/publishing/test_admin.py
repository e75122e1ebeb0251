"""The admin shows published bundles and changes none, and gives nobody a right that they lack."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from decisions.reloading import Reloader
from marketplace.accounts.models import User
from marketplace.publishing.models import Review, Withdrawal
from marketplace.publishing.people import approvers
from marketplace.publishing.services import break_glass
from tests.marketplace.factories import NOW

pytestmark = pytest.mark.full_on("postgresql")  # test_constraints.py is about the database

MODELS = [model for model in admin.site._registry if model._meta.app_label == "publishing"]


def url(model: Any, name: str, *arguments: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=arguments)


def tries(model: Any, row: Any) -> dict[str, dict[str, Any]]:
    fields = {name: value for name, value in model.objects.values().get(pk=row.pk).items() if value}
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    return {
        url(model, "add"): fields,
        url(model, "change", row.pk): fields | {"approves": "on", "reason": "because"},
        url(model, "delete", row.pk): {"post": "yes"},
        url(model, "changelist"): chosen,
    }


@pytest.fixture
def rows(shop: Any, first: Any, bob: User, carl: User) -> dict[Any, Any]:
    """One row of each model, and what they are."""
    shop.edit("value: 100", "value: 200")
    Withdrawal.objects.create(publication=shop.publish(), by=bob, at=NOW)
    forced = break_glass(actor=bob, publication=first, reason="test", now=NOW)
    Review.objects.create(activation=forced, by=carl, at=NOW)
    return {model: model.objects.latest("pk") for model in MODELS}


def all_rows() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in MODELS]


def test_nobody_changes_rows_in_the_admin(rows: dict[Any, Any], eve: User, client: Client) -> None:
    assert len(rows) == 6
    before = all_rows()
    eve.is_staff = True
    eve.save()
    for user, seen in ((eve, 403), (User.objects.create_superuser("root"), 200)):
        client.force_login(user)
        for model, row in rows.items():
            assert client.get(url(model, "change", row.pk)).status_code == seen
            for place, fields in tries(model, row).items():
                answer = client.post(place, fields)
                assert answer.status_code == 403 or place == url(model, "changelist")
    assert all_rows() == before


def test_staff_without_permission_makes_nobody_an_approver(shop: Any, eve: User, client: Client) -> None:
    eve.is_staff = True
    eve.save()
    client.force_login(eve)
    group = approvers()
    assert client.post(url(User, "change", eve.pk), {"groups": [group.pk]}).status_code == 403
    assert client.post(url(Group, "change", group.pk), {"name": "mine"}).status_code == 403
    assert not eve.groups.exists()


def test_pages_of_the_admin_say_what_nobody_has_reviewed(
    shop: Any, first: Any, bob: User, follows_bundles: None, client: Client
) -> None:
    break_glass(actor=bob, publication=first, reason="the shop <b>is</b> down", now=NOW)
    Reloader().look()
    client.force_login(User.objects.create_superuser("root"))
    for place in ("/admin/", url(MODELS[0], "changelist"), "/admin/password_change/"):
        assert "without approval: the shop &lt;b&gt;is&lt;/b&gt; down" in client.get(place).text
