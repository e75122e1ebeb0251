"""`manage.py demo`: what it creates, and that it can be repeated."""

import json
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from decisions import bundles, trial
from marketplace.accounts.models import Role, Token, User
from marketplace.accounts.queries import find_user_by_token
from marketplace.catalog.models import Product
from marketplace.demo.labelled import HARMLESS, LABELLED
from marketplace.moderation.models import QueueItem
from marketplace.moderation.services import POLICY
from marketplace.tuning.models import LabelledSet
from marketplace.tuning.rules import count_rules
from marketplace.tuning.sets import find_set, samples_of
from marketplace.tuning.thresholds import Evaluation, Texts
from tests.detectors.shipped import pipeline
from tests.marketplace.factories import complete, make_order

pytestmark = pytest.mark.django_db

ROLES = {
    "sam": Role.SELLER,
    "bea": Role.BUYER,
    "ben": Role.BUYER,
    "ada": Role.AGENT,
    "max": Role.MODERATOR,
    "pia": Role.POLICY_OWNER,
}


@pytest.fixture(autouse=True)
def debug(settings):
    settings.DEBUG = True


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def test_json_is_one_object_with_working_tokens():
    made = json.loads(run("--json"))
    assert {name: person["role"] for name, person in made["users"].items()} == ROLES
    for name, person in made["users"].items():
        user = find_user_by_token(person["token"])
        assert (user.username, user.pk) == (name, person["id"])
    assert [set(product) for product in made["products"]] == [{"id", "name", "seller_id"}] * 3
    assert {product["seller_id"] for product in made["products"]} == {made["users"]["sam"]["id"]}


def test_second_run_adds_tokens_for_the_same_people_and_keeps_the_old_ones_valid():
    first, second = json.loads(run("--json")), json.loads(run("--json"))
    assert first["products"] == second["products"]
    for name in ROLES:
        old, new = first["users"][name], second["users"][name]
        assert (old["id"], old["token"] != new["token"]) == (new["id"], True)
        assert find_user_by_token(old["token"]) == find_user_by_token(new["token"])
    assert (User.objects.count(), Token.objects.count()) == (6, 12)


def test_run_after_a_sale_offers_products_that_nobody_ordered():
    first = json.loads(run("--json"))
    sold = Product.objects.get(pk=first["products"][0]["id"])
    complete(make_order(User.objects.get(username="bea"), sold))
    second = json.loads(run("--json"))
    assert [product["name"] for product in second["products"]] == [p["name"] for p in first["products"]]
    assert sold.pk not in {product["id"] for product in second["products"]}


def test_json_gives_nobody_a_password():
    run("--json")
    assert not any(user.has_usable_password() for user in User.objects.all())


@pytest.mark.parametrize("shape", [[], ["--tour", "8123"]])
def test_only_the_moderator_gets_a_password_which_works_for_the_console(shape, client):
    password = re.search(r"max.* password (\S+)$", run(*shape), re.MULTILINE)[1]
    assert [user.username for user in User.objects.all() if user.has_usable_password()] == ["max"]
    signed_in = client.post("/console/sign-in", {"username": "max", "password": password}, follow=True)
    assert (signed_in.status_code, signed_in.request["PATH_INFO"]) == (200, "/console/")


def test_table_shows_everyone_and_every_product():
    shown = run()
    assert all(name in shown for name in (*ROLES, "Walnut desk", "Brass lamp", "Reading chair"))


def test_tour_names_the_port_and_a_product_of_the_demo():
    tour = run("--tour", "8123")
    assert "http://127.0.0.1:8123/api/v1" in tour
    assert f'"product_id": {Product.objects.first().pk}' in tour


def test_without_debug_the_command_refuses_and_creates_nothing(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="COMITY_DEBUG=true"):
        run()
    assert User.objects.count() == 0


def test_queue_is_filled_once_and_not_for_json():
    run("--json")
    assert QueueItem.objects.count() == 0
    for _ in range(2):
        run()
        assert [item.flagged_for for item in QueueItem.objects.all()] == ["not-english"]


def test_detectors_put_ten_texts_into_the_queue(settings):
    settings.MODERATION_PIPELINE = "marketplace.moderation.assembly.assemble"
    run()
    found = sorted((item.urgent, item.kind, item.flagged_for) for item in QueueItem.objects.all())
    assert found == [
        (False, "chat_message", "flagged"),
        (False, "chat_message", "flagged"),
        (False, "chat_message", "flagged"),
        (False, "chat_message", "not-english"),
        (False, "review", "flagged"),
        (True, "chat_message", "blocked"),
        (True, "chat_message", "quoted"),
        (True, "chat_message", "reported"),
        (True, "chat_message", "self-harm"),
        (True, "dispute_message", "reported"),
    ]


def test_labelled_set_is_made_once():
    run("--json")
    assert LabelledSet.objects.count() == 0
    run()
    run()
    assert [str(each) for each in LabelledSet.objects.all()] == ["demo, version 1"]
    assert len(samples_of(find_set("demo"))) == len(HARMLESS) + len(LABELLED)


def test_labelled_set_has_something_to_find(settings):
    """With the shipped rules: one blocks a harmless text, and a higher threshold halves the false flags of profanity without a
    new miss."""
    settings.MODERATION_PIPELINE = "tests.marketplace.demo.test_demo.shipped_rules"
    run()
    samples = samples_of(find_set("demo"))
    now = timezone.now()
    version = bundles.current().version_at(POLICY, now)
    worst = count_rules(samples, version, rules={}, now=now)[0]
    assert (worst.rule, worst.worst) == ("profanity.word", "blocked")
    higher = trial.adjusted(POLICY, {"thresholds[normal/profanity].flag": 0.7}, now=now).version_at(
        POLICY, now
    )
    texts = Texts(samples)
    before, after = (
        Evaluation(texts, each, now=now).counts("normal", "profanity") for each in (version, higher)
    )
    assert after.false_flags <= before.false_flags / 2
    assert after.missed == before.missed


def shipped_rules(**_):
    return pipeline()
