"""The stock admin shows everything and can write only what no service is responsible for."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models import BooleanField
from django.urls import reverse

from decisions.admin import ReadOnlyAdmin
from decisions.models import DecisionRecord
from marketplace.accounts.erasure import erase_account
from marketplace.accounts.models import Token, User
from marketplace.accounts.services import issue_token
from marketplace.catalog.models import Product
from marketplace.chats.models import Chat, Message
from marketplace.chats.services import send_message
from marketplace.disputes.models import Media
from marketplace.orders.models import Order, ReviewGrant
from marketplace.outbox.models import OutboxEvent
from marketplace.reviews.models import Review
from marketplace.reviews.services import review_product
from tests.marketplace.factories import NOW, complete
from tests.sampling import sample

EDITABLE = {User, Product, Token}
OURS = [model for model in admin.site._registry if model.__module__.startswith(("marketplace", "decisions"))]
READ_ONLY = [model for model in OURS if model not in EDITABLE]


def admin_url(model, name: str, *arguments: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=arguments)


@pytest.mark.full_on("postgresql")
@pytest.mark.parametrize("model", sample(OURS, every=2), ids=lambda model: model.__name__)
def test_every_list_is_shown(admin_client, order, model):
    complete(order)
    assert admin_client.get(admin_url(model, "changelist")).status_code == 200


@pytest.mark.full_on("postgresql")
@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model.__name__)
def test_rows_of_services_cannot_be_added(admin_client, model):
    assert admin_client.post(admin_url(model, "add"), {}).status_code == 403


@pytest.mark.full_on("postgresql")
def test_form_opened_before_an_erasure_restores_nothing(admin_client, bea):
    url = admin_url(User, "change", bea.pk)
    shown = admin_client.get(url).context["adminform"].form.initial
    form = {name: value for name, value in shown.items() if value is not None} | {
        "date_joined_0": "2026-01-01",
        "date_joined_1": "12:00",
        "email": "bea@example.org",
    }
    assert admin_client.post(url, form).status_code == 302
    assert User.objects.get(pk=bea.pk).email == "bea@example.org"
    erase_account(user_id=bea.pk, now=NOW)

    assert admin_client.post(url, form).status_code == 403
    assert admin_client.post(f"/admin/accounts/user/{bea.pk}/password/", {}).status_code == 403

    assert admin_client.get(url).status_code == 200
    user = User.objects.get(pk=bea.pk)
    assert (user.username, user.email, user.is_active) == (f"erased-{bea.pk}", "", False)


@pytest.mark.full_on("postgresql")
def test_history_of_a_token_names_nobody(admin_client, bea):
    issue_token(user=bea, now=NOW)
    token = Token.objects.get()
    revoked = {"revoked_at_0": "2026-01-01", "revoked_at_1": "12:00"}
    assert admin_client.post(admin_url(Token, "change", token.pk), revoked).status_code == 302

    erase_account(user_id=bea.pk, now=NOW)

    assert [entry.object_repr for entry in LogEntry.objects.all()] == [f"token {token.pk} of user {bea.pk}"]


@pytest.mark.full_on("postgresql")
def test_records_can_be_read_and_neither_changed_nor_deleted(admin_client, order):
    record = DecisionRecord.objects.get()
    assert admin_client.get(admin_url(DecisionRecord, "change", record.pk)).status_code == 200
    for name in ("change", "delete"):
        assert (
            admin_client.post(admin_url(DecisionRecord, name, record.pk), {"post": "yes"}).status_code == 403
        )
    assert DecisionRecord.objects.get() == record


@pytest.mark.full_on("postgresql")
@pytest.mark.parametrize(
    "model", [Chat, Message, Order, ReviewGrant, Review, OutboxEvent], ids=lambda model: model.__name__
)
@pytest.mark.parametrize("name", ["change", "delete"])
def test_what_was_agreed_is_neither_changed_nor_deleted(admin_client, order, bea, model, name):
    send_message(author=bea, chat_id=order.chat_id, text="Deal.", now=NOW)
    complete(order)
    review_product(buyer=bea, product_id=order.product_id, rating=5, text="Good.", now=NOW)
    before = list(model.objects.values())
    [row] = model.objects.all()
    fields = {"post": "yes", "locked_at_0": "", "locked_at_1": "", "status": "pending", "text": "changed"}

    assert admin_client.get(admin_url(model, "change", row.pk)).status_code == 200
    assert admin_client.post(admin_url(model, name, row.pk), fields).status_code == 403
    action = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    admin_client.post(admin_url(model, "changelist"), action)
    assert list(model.objects.values()) == before


@pytest.mark.full_on("postgresql")
def test_token_page_shows_no_digest(admin_client, bea):
    issue_token(user=bea, now=NOW)
    token = Token.objects.get()
    assert token.digest not in admin_client.get(admin_url(Token, "change", token.pk)).text


def filters():
    for model, shown in admin.site._registry.items():
        if isinstance(shown, ReadOnlyAdmin):
            yield from ((model, name) for name in shown.list_filter if isinstance(name, str))
    yield Media, "kind"


@pytest.mark.parametrize(("model", "name"), list(filters()), ids=str)
def test_every_filter_of_a_long_list_finds_the_newest_by_an_index(db, model, name):
    """However rare the value is: an index of the numbers alone would be read to its end for a few rows."""
    field = model._meta.get_field(name)
    value = True if isinstance(field, BooleanField) else "known"
    if connection.vendor == "postgresql":
        # In an empty table the primary key costs the same as the right index, so the planner may pick either.
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_pkey" CASCADE')
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
    plan = model.objects.filter(**{name: value}).order_by("-pk")[:100].explain()
    assert re.search(r"USING INDEX|Index (Only )?Scan", plan), plan
    assert re.search("_pkey|Sort|TEMP B-TREE", plan) is None, plan


@pytest.mark.parametrize(
    ("model", "query"),
    [
        (DecisionRecord, "policy=%00"),
        (Media, "kind=%00"),
        (Order, "status__exact=%00"),
        (User, "role__exact=%00"),
        (Token, "created_at__year=0"),
        (Product, "created_at__year=0"),
        (Message, "sent_at__year=0"),
    ],
    ids=str,
)
def test_value_that_nothing_can_have_leads_to_the_list_without_it(admin_client, model, query):
    answer = admin_client.get(f"{admin_url(model, 'changelist')}?{query}")
    if connection.vendor == "sqlite" and "%00" in query:
        assert answer.status_code == 200  # it compares any text
    else:
        assert (answer.status_code, answer.headers["Location"][-3:]) == (302, "e=1")
        assert admin_client.get(answer.headers["Location"]).status_code == 200
