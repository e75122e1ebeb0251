"""A table of callers, their state and questions, and the default responder's answers."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from decisions.models import DecisionRecord
from marketplace.accounts.models import Role, User
from marketplace.assistant.answers.explanations import EXPLAINERS
from marketplace.assistant.answers.policies import POLICIES
from marketplace.assistant.answers.reply import Context, Turn
from marketplace.assistant.answers.responder import PolicyResponder
from marketplace.assistant.answers.store import configured
from marketplace.catalog.models import Product
from marketplace.disputes.holds import place_hold
from marketplace.disputes.models import Dispute
from marketplace.disputes.services import reopen_dispute
from marketplace.orders.services import confirm
from marketplace.reviews.services import review_product
from tests.marketplace.disputes.factories import DAYS_90, close, make_dispute
from tests.marketplace.factories import LATER, NOW, complete, make_order, make_product, make_user
from tests.sampling import sample

TABLE = yaml.load(Path(__file__).with_name("answers.yaml").read_text(), yaml.CSafeLoader)
LOGGED_OUT = [row for row in TABLE if row["who"] == "nobody"]
LOGGED_IN = [row for row in TABLE if row["who"] != "nobody"]


def name(row: dict[str, Any]) -> str:
    return f"{row['who']} {row.get('state', '')}: {row['ask']}"


def expect(row: dict[str, Any], context: Context) -> None:
    reply = PolicyResponder().respond(context)
    assert reply == PolicyResponder().respond(context)
    decided = f"{reply.basis.policy}/{reply.basis.rule}" if reply.basis else None
    assert decided == row.get("rule"), reply.text
    if "topic" in row:
        assert reply.topic == row["topic"], reply.text
    if "text" in row:
        assert reply.text == row["text"]
    assert reply.text.startswith(row.get("starts", ""))
    assert "{" not in reply.text


@pytest.mark.parametrize("row", LOGGED_OUT, ids=name)
def test_anonymous_caller_gets_the_general_rule_without_a_query(row):
    turns = [Turn("user", "…"), Turn("assistant", "…", row["after"])] if "after" in row else []
    expect(row, Context(row["ask"], NOW, turns=turns))


@pytest.fixture
def world(sam: User, bea: User, ben: User) -> dict[str, Product]:
    make_user("ada", Role.AGENT)
    return {"desk": make_product(sam), "lamp": make_product(sam, "Brass lamp")}


def sell_to_bea(world: dict[str, Product], bea: User) -> None:
    complete(make_order(bea, world["desk"]))


def review(world: dict[str, Product], bea: User) -> None:
    sell_to_bea(world, bea)
    review_product(buyer=bea, product_id=world["desk"].pk, rating=5, text="Fine.", now=LATER)


def confirm_as(party: str) -> Callable[[dict[str, Product], User], None]:
    def act(world: dict[str, Product], bea: User) -> None:
        order = make_order(bea, world["desk"])
        confirm(actor=getattr(order, party), order_id=order.pk, now=NOW)

    return act


def order_both(world: dict[str, Product], bea: User) -> None:
    make_order(bea, world["desk"])
    make_order(bea, world["lamp"])


def sell_and_order(world: dict[str, Product], bea: User) -> None:
    sell_to_bea(world, bea)
    make_order(bea, world["lamp"])


def sell_to_ben(world: dict[str, Product], bea: User) -> None:
    make_order(bea, world["desk"])
    complete(make_order(User.objects.get(username="ben"), world["desk"]))


def dispute(world: dict[str, Product], bea: User) -> Dispute:
    sell_to_bea(world, bea)
    return make_dispute(bea.orders_as_buyer.get())


def settle(world: dict[str, Product], bea: User, *, at: datetime = NOW) -> Dispute:
    return close(dispute(world, bea), User.objects.get(username="ada"), now=at)


def settle_and_hold(world: dict[str, Product], bea: User) -> None:
    settled = settle(world, bea)
    agent = User.objects.get(username="ada")
    place_hold(actor=agent, dispute_id=settled.pk, reason="A court asked.", now=LATER)


def reopen(world: dict[str, Product], bea: User) -> None:
    reopen_dispute(actor=bea, dispute_id=settle(world, bea).pk, reason="Not yet.", now=LATER)


def settle_long_ago(world: dict[str, Product], bea: User) -> None:
    settle(world, bea, at=LATER - DAYS_90)


STATES: dict[str, Callable[[dict[str, Product], User], object]] = {
    "nothing": lambda world, bea: None,
    "ordered": lambda world, bea: make_order(bea, world["desk"]),
    "bea confirmed": confirm_as("buyer"),
    "sam confirmed": confirm_as("seller"),
    "sold": sell_to_bea,
    "reviewed": review,
    "two orders": order_both,
    "sold and ordered": sell_and_order,
    "sold to ben": sell_to_ben,
    "disputed": dispute,
    "settled": settle,
    "settled and held": settle_and_hold,
    "reopened": reopen,
    "settled long ago": settle_long_ago,
}


@pytest.mark.django_db
@pytest.mark.parametrize("row", sample(LOGGED_IN, every=3), ids=name)
def test_logged_in_the_decision_about_the_caller_is_explained(row, world, bea):
    STATES[row["state"]](world, bea)
    recorded = DecisionRecord.objects.count()
    who = User.objects.get(username=row["who"])
    product = world[row["about"]].pk if "about" in row else None
    expect(row, Context(row["ask"], LATER, user=who, product_id=product))
    assert DecisionRecord.objects.count() == recorded


@pytest.mark.django_db
def test_buyers_only_can_buy(sam):
    context = Context("Can I buy it?", NOW, make_user("eve", Role.AGENT), make_product(sam).pk)
    assert PolicyResponder().respond(context).text == (
        "Walnut desk: Only a buyer can open an order. Your account is not a buyer's."
    )


def test_table_asks_about_every_topic_and_every_affair():
    topics = configured().topics().topics
    asked = {row.get("topic") for row in TABLE} - {"unknown", None}
    assert asked == set(topics)
    assert {topic.about for topic in topics.values() if topic.about} == set(EXPLAINERS)
    policies = {row["rule"].partition("/")[0] for row in LOGGED_IN if "rule" in row}
    assert policies == set(POLICIES.values())
    assert EXPLAINERS.keys() == POLICIES.keys()


def test_every_suggested_question_is_answered():
    topics = configured().topics()
    suggested = {question for topic in (*topics.topics.values(), topics.unknown) for question in topic.next}
    assert suggested
    for question in suggested:
        assert PolicyResponder().respond(Context(question, NOW)).topic != "unknown", question


def test_anonymous_answer_says_what_signing_in_would_add():
    """Only for decisions about the caller; that nothing is stored holds for every anonymous caller."""
    for topic in configured().topics().topics.values():
        assert (topic.log_in is not None) is (topic.about not in {"", "session"}), topic.id
