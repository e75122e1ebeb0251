"""Lists that follow a policy hold exactly the rows that the engine, asked about each row's facts, would let through."""

import random
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

import pytest
from django.db.models import Model, QuerySet

from decisions import bundles, foresee
from decisions.lists import Outcome, PolicyList, Rows, declared
from documents.source import Source
from engine import load_sources
from marketplace.accounts.models import Role, User
from marketplace.chats.facts import chat_facts
from marketplace.chats.models import Chat
from marketplace.chats.queries import chats_of, open_chats
from marketplace.disputes.facts import MEDIA_DUE, REOPENABLE, dispute_facts, retention_facts
from marketplace.disputes.models import Dispute
from marketplace.disputes.queries import disputes_of, reopenable_disputes
from marketplace.disputes.retention.keeping import leaves_media
from marketplace.disputes.retention.planning import make_plan, with_media_due
from marketplace.orders.models import Order
from marketplace.orders.queries import orders_with_open_chat
from marketplace.reviews.facts import REVIEWABLE, confirmed_by, review_facts
from marketplace.reviews.queries import reviewable_orders
from tests.conftest import SIZE
from tests.growth import plans
from tests.many_rows import allow_long_statements, analyze
from tests.marketplace.factories import NOW, make_user
from tests.marketplace.many_sales import make_disputes, make_sales

pytestmark = pytest.mark.django_db
ROWS = 120 if SIZE == "small" else 20_000


@pytest.fixture
def sales(db: None) -> list[Order]:
    allow_long_statements()
    made = make_sales(ROWS, random.Random(26))
    analyze()
    return made


@pytest.fixture
def disputes(sales: list[Order]) -> QuerySet[Dispute]:
    make_disputes(sales, random.Random(5), at=NOW)
    analyze()
    return Dispute.objects.select_related("order__buyer", "order__seller")


def ids(rows: Iterable[Model]) -> list[int]:
    return sorted(row.pk for row in rows)


def test_orders_to_review(sales: list[Order]) -> None:
    orders = Order.objects.select_related("buyer", "product")
    by_engine = [
        order
        for order in orders
        if foresee(
            "review_eligibility", review_facts(buyer=order.buyer, product=order.product), now=NOW
        ).permits
    ]
    assert ids(REVIEWABLE.rows(orders, now=NOW)) == ids(by_engine)
    assert 0 < len(by_engine) < len(sales)
    for buyer in {order.buyer for order in by_engine[:5]}:
        assert ids(reviewable_orders(buyer, now=NOW)) == ids(o for o in by_engine if o.buyer == buyer)


def test_only_the_sales_that_the_policy_is_told_count(
    sales: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The facts hold a limited number of sales: this one, and the newest others."""
    monkeypatch.setattr("marketplace.reviews.facts.MAX_ORDERS", 2)
    two = Rows((confirmed_by("seller", 2), confirmed_by("buyer", 2)))
    known = replace(REVIEWABLE, asked=Outcome("deny"), facts={**REVIEWABLE.facts, "confirmations": two})
    text = bundles.in_force().policies["review_eligibility"].newest.validated.policy.node.source.text
    many = text.replace("same_product && !already_reviewed", "size(confirmations) > 2")
    loaded = load_sources([Source("review_eligibility.yaml", many)])
    assert loaded.bundle is not None, loaded.diagnostics
    orders = Order.objects.select_related("buyer", "product")
    with bundles.pinned(loaded.bundle):
        by_engine = [
            order
            for order in orders
            if foresee(
                "review_eligibility", review_facts(buyer=order.buyer, product=order.product), now=NOW
            ).outcome
            == "deny"
        ]
        assert ids(known.rows(orders, now=NOW)) == ids(by_engine)
    assert 0 < len(by_engine) < len(sales)


def test_open_chats(sales: list[Order]) -> None:
    for person in (sales[0].buyer, sales[0].seller, make_user("sue", Role.BUYER)):
        for chats in (chats_of(person), Chat.objects.all()):
            by_engine = [
                chat
                for chat in chats
                if foresee("chat", chat_facts(author=person, chat=chat), now=NOW).permits
            ]
            assert ids(open_chats(person, now=NOW)) == ids(by_engine)
        orders = orders_with_open_chat(person, now=NOW)
        assert sorted(order.chat_id for order in orders) == ids(by_engine)
    assert open_chats(sales[0].seller, now=NOW).count() > 0


def test_disputes_to_reopen(disputes: QuerySet[Dispute]) -> None:
    about = disputes.filter(status="closed")[0].order
    agent = make_user("amy", Role.AGENT)
    total = 0
    for actor in (
        agent,
        about.buyer,
        about.seller,
        make_user("sue", Role.BUYER),
        make_user("pat", Role.POLICY_OWNER),
    ):
        by_engine = [dispute for dispute in disputes if may_reopen(dispute, actor=actor, now=NOW)]
        theirs = set(ids(disputes_of(actor)))
        assert ids(reopenable_disputes(actor, now=NOW)) == [pk for pk in ids(by_engine) if pk in theirs]
        total += len(by_engine)
    assert 0 < total < 3 * disputes.count()


def may_reopen(dispute: Dispute, *, actor: User, now: datetime) -> bool:
    """What `reopen_dispute` asks, of a dispute that the actor need not see."""
    retention = foresee("retention", retention_facts(dispute), now=now)
    left = leaves_media(dispute, retention, now=now)
    return foresee(
        "disputes", dispute_facts("reopen", actor=actor, dispute=dispute, may_reopen=left), now=now
    ).permits


def test_disputes_whose_media_is_due(disputes: QuerySet[Dispute]) -> None:
    by_engine = [d for d in disputes if foresee("retention", retention_facts(d), now=NOW).permits]
    assert ids(MEDIA_DUE.rows(Dispute.objects.all(), now=NOW)) == ids(by_engine)
    plan = make_plan(at=NOW)
    assert ids(with_media_due(Dispute.objects.all(), at=NOW)) == sorted(plan.due)
    assert 0 < len(plan.due) < len(by_engine) < disputes.count()


def lists(person: User) -> dict[str, Callable[[], QuerySet[Model]]]:
    return {
        "review": lambda: reviewable_orders(person, now=NOW),
        "chats": lambda: open_chats(person, now=NOW),
        "write": lambda: orders_with_open_chat(person, now=NOW),
        "reopen": lambda: reopenable_disputes(person, now=NOW),
        "due": lambda: with_media_due(disputes_of(person), at=NOW),
    }


def test_each_list_is_one_query(sales: list[Order], django_assert_num_queries) -> None:
    for list_rows in lists(sales[0].buyer).values():
        with django_assert_num_queries(1):
            list(list_rows())


@pytest.mark.postgresql
def test_plans_use_indexes(disputes: QuerySet[Dispute]) -> None:
    """Every table is read by an index, the list itself by one of the person's."""
    of_person = lists(disputes[0].order.buyer)
    with plans() as explained:
        for list_rows in of_person.values():
            list(list_rows())
    assert len(explained) == len(of_person)
    assert [plan for plan in explained if "Seq Scan" in plan] == []


def test_every_fact_that_services_give_has_a_column(sales: list[Order], bea: User) -> None:
    """A fact that is missing here would be null in the list, and not in the decision."""
    order = sales[0]
    dispute = Dispute(order=order)
    built: dict[str, dict[str, object]] = {
        "review_eligibility": review_facts(buyer=bea, product=order.product),
        "chat": chat_facts(author=bea, chat=order.chat),
        "disputes": dispute_facts("reopen", actor=bea, dispute=dispute),
        "retention": retention_facts(dispute),
    }
    for each in declared():
        assert {*each.facts, *each.given} == built[each.policy].keys()
    assert {each.policy for each in declared()} == built.keys()


def test_every_list_is_declared() -> None:
    """So that a policy that it cannot follow is refused when it is loaded."""
    made = {
        id(value)
        for name, module in list(sys.modules.items())
        if name.startswith("marketplace.") and name.endswith(".facts")
        for value in vars(module).values()
        if isinstance(value, PolicyList)
    }
    assert {id(each) for each in declared()} >= made != set()


def test_bundle_in_force_can_be_listed() -> None:
    assert [each.problems(bundles.in_force()) for each in declared()] == [()] * len(declared())
    assert REOPENABLE in declared()
