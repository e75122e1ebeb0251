"""A person is erased; their sales stay."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import connection

from decisions import Subject, decide
from decisions.models import DecisionRecord, PseudonymKey
from marketplace.accounts.erasure import ErasureFailed, ErasureHeld, erase_account, erase_waiting
from marketplace.accounts.models import ErasureRequest, Token, User
from marketplace.accounts.services import issue_token
from marketplace.assistant.models import Conversation
from marketplace.assistant.services import start_conversation
from marketplace.chats.models import Chat, Message
from marketplace.chats.services import send_message
from marketplace.orders.models import Order
from marketplace.reviews.models import Review
from marketplace.reviews.services import review_product
from tests.api.callers import Caller, refusal_of
from tests.marketplace.factories import LATER, NOW, complete

pytestmark = pytest.mark.django_db
TRACES = [
    "Beatrix Traceable",
    "trace@example.org",
    "my street is Traceroad 5",
    "a fine traceable desk",
    "Is my traced lamp",
    "the traceable insult",
]


@pytest.fixture
def bea(bea: User) -> User:
    User.objects.filter(pk=bea.pk).update(first_name="Beatrix", last_name="Traceable", email=TRACES[1])
    return bea


@pytest.fixture
def sale(order, bea, sam) -> Order:
    caller = Caller(bea, issue_token(user=bea, now=NOW))
    caller.post(f"/api/v1/chats/{order.chat_id}/messages", {"text": TRACES[2]}, **{"Idempotency-Key": "one"})
    send_message(author=sam, chat_id=order.chat_id, text="Fine.", now=NOW)
    start_conversation(owner=bea, text=f"{TRACES[4]} on its way?", product_id=None, now=NOW)
    start_conversation(owner=bea, text=f"spam:0.6 {TRACES[5]}", product_id=order.product_id, now=NOW)
    complete(order)
    review_product(buyer=bea, product_id=order.product_id, rating=4, text=TRACES[3], now=NOW)
    LogEntry.objects.create(
        user=sam,
        content_type_id=content_type_of(User),
        object_id=str(bea.pk),
        object_repr="bea",
        action_flag=2,
    )
    return Order.objects.get(pk=order.pk)


def content_type_of(model: type) -> int:
    from django.contrib.contenttypes.models import ContentType

    return ContentType.objects.get_for_model(model).pk


def everything_stored() -> str:
    """Every value of every row of every table. PostgreSQL returns rows in an order of its own."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += sorted(map(repr, cursor.fetchall()))
    return "\n".join(rows)


def test_nothing_of_the_person_is_left_in_any_table(sale, bea):
    before = everything_stored()
    assert all(trace in before for trace in TRACES[1:])

    erase_account(user_id=bea.pk, now=LATER)

    assert not Conversation.objects.exists()
    after = everything_stored()
    assert [trace for trace in [*TRACES, "Beatrix", "'bea'"] if trace in after] == []


def test_facts_of_the_sale_stay(sale, bea):
    before = Order.objects.values().get(), Chat.objects.values().get(), DecisionRecord.objects.count()

    erase_account(user_id=bea.pk, now=LATER)

    assert (
        Order.objects.values().get(),
        Chat.objects.values().get(),
        DecisionRecord.objects.count(),
    ) == before
    assert list(Message.objects.order_by("seq").values_list("text", flat=True)) == ["", "Fine."]
    assert list(Review.objects.values_list("rating", "text")) == [(4, "")]
    assert list(User.objects.filter(pk=bea.pk).values_list("username", "is_active")) == [
        (f"erased-{bea.pk}", False)
    ]


def test_name_that_somebody_took_delays_no_erasure(bea, ben):
    User.objects.filter(pk=ben.pk).update(username=f"erased-{bea.pk}")

    erase_account(user_id=bea.pk, now=LATER)

    assert User.objects.get(pk=bea.pk).username.startswith(f"erased-{bea.pk}-")


def test_erased_account_opens_nothing(sale, bea):
    caller = Caller(bea, issue_token(user=bea, now=NOW))

    erase_account(user_id=bea.pk, now=LATER)

    assert refusal_of(caller.get("/api/v1/orders")) == (401, "invalid-token")
    assert not caller.client.login(username=f"erased-{bea.pk}", password="")
    assert not Token.objects.filter(user=bea).exists()


def test_pseudonyms_of_the_person_can_be_tied_to_nobody(bea, ben):
    def record(user: User) -> str:
        subject = Subject(kind="conversation", id=None, actor_id=user.pk)
        facts = {"words": ["secret"], "graphemes": 6, "has_product": False}
        decide("inbox_title", facts, now=NOW, subject=subject, record=True, superset=True)
        return DecisionRecord.objects.latest("pk").facts["words"]

    first, again, other = record(bea), record(bea), record(ben)
    assert first == again != other
    erase_account(user_id=bea.pk, now=LATER)

    assert list(PseudonymKey.objects.values_list("actor_id", flat=True)) == [ben.pk]
    assert record(bea) != first


def test_erasing_again_changes_nothing(sale, bea):
    erase_account(user_id=bea.pk, now=NOW)
    before = everything_stored()

    erase_account(user_id=bea.pk, now=LATER)

    assert everything_stored() == before


def hold(*, user_id: int) -> list[str]:
    return ["dispute 7 is held"]


def test_hold_closes_the_account_and_keeps_its_texts_until_it_is_over(sale, bea, monkeypatch):
    with monkeypatch.context() as held:
        held.setattr(apps.get_app_config("orders"), "holds_erasure", (f"{__name__}.hold",), raising=False)
        with pytest.raises(ErasureHeld, match="dispute 7 is held"):
            erase_account(user_id=bea.pk, now=NOW)
        assert erase_waiting(now=NOW + timedelta(days=1)) == 0
    assert User.objects.get(pk=bea.pk).is_active is False
    assert TRACES[2] in everything_stored()

    assert [erase_waiting(now=LATER), erase_waiting(now=LATER)] == [1, 0]
    assert TRACES[2] not in everything_stored()
    assert ErasureRequest.objects.get().done_at == LATER


def fail(*, user_id: int) -> int:
    raise OSError("no room")


@pytest.mark.django_db(transaction=True)
def test_person_is_not_half_forgotten(sale, bea, monkeypatch):
    monkeypatch.setattr(apps.get_app_config("api"), "erases", (f"{__name__}.fail",))

    with pytest.raises(OSError, match="no room"):
        erase_account(user_id=bea.pk, now=NOW)

    assert TRACES[2] in everything_stored()
    assert ErasureRequest.objects.get().done_at is None


def test_command_asks_to_be_confirmed(sale, bea, capsys):
    call_command("erase_account", "bea")
    output = capsys.readouterr().out
    assert "pass --confirm" in output
    assert "kept: messages and reviews of others" in output
    assert User.objects.get(pk=bea.pk).username == "bea"

    call_command("erase_account", "bea", "--confirm")
    *counts, kept = capsys.readouterr().out.splitlines()
    assert kept.startswith("kept: messages and reviews of others")
    assert {count.split()[0] for count in counts} == {
        *(
            "drop_pseudonym_key:",
            "blank_account:",
            "blank_rulings:",
            "withdraw_appeals:",
            "forget_blocked_by:",
            "drop_strikes:",
            "blank_messages:",
            "blank_reviews:",
            "blank_disputes:",
            "delete_conversations:",
            "forget_keys:",
        ),
    }
    with pytest.raises(CommandError, match="there is no account `bea`"):
        call_command("erase_account", "bea", "--confirm")


def fail_for_one(*, user_id: int) -> int:
    if user_id == ErasureRequest.objects.order_by("pk").values_list("user_id", flat=True)[0]:
        raise OSError("no room")
    return 0


def test_account_that_cannot_be_erased_stops_no_other_that_waits(bea, ben, monkeypatch):
    for user in (bea, ben):  # Bea comes first
        ErasureRequest.objects.create(user=user, requested_at=NOW)
    with monkeypatch.context() as failing:
        failing.setattr(
            apps.get_app_config("reviews"), "erases", (f"{__name__}.fail_for_one",), raising=False
        )
        for _ in range(2):
            with pytest.raises(ErasureFailed, match="1 accounts could not be erased"):
                erase_waiting(now=LATER)
    assert [request.user_id for request in ErasureRequest.objects.exclude(done_at=None)] == [ben.pk]
    assert erase_waiting(now=LATER) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_planner_statistics_forget_the_person(bea, sam, sale):
    """They hold samples of what columns contain, for everybody who may read the table."""
    start_conversation(owner=sam, text="Is my product shown?", product_id=None, now=NOW)
    key = PseudonymKey.objects.get(actor_id=bea.pk).key
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert {TRACES[2], "bea", key} <= set(sampled(TRACES[2], "bea", key))

    erase_account(user_id=bea.pk, now=LATER)

    assert sampled(*TRACES, key) == []


def sampled(*values):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT concat(most_common_vals, histogram_bounds) FROM pg_stats WHERE schemaname = 'public'"
        )
        samples = "\n".join(row[0] for row in cursor.fetchall())
    return [value for value in values if value in samples]
