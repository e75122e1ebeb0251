"""What a new COMITY_SECRET_KEY invalidates, and what stays valid with the old one in COMITY_SECRET_KEY_FALLBACKS."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from decisions import Subject, decide_on_record
from marketplace.accounts.reset_links import reset_links
from marketplace.disputes.media.links import follow_link, sign_link
from marketplace.disputes.models import Media
from marketplace.disputes.states import MediaState
from tests.api.callers import PASSWORD, Caller, make_product
from tests.decisions.entry import ENTRY

NEW = "another key " * 8
Rotate = Callable[..., None]


@pytest.fixture
def rotate(settings: Any) -> Rotate:
    old = settings.SECRET_KEY

    def rotate(*, keep: bool) -> None:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [old] if keep else []

    return rotate


def session(buyer: Caller) -> Callable[[], bool]:
    browser = Client()
    assert browser.login(username="bea", password=PASSWORD)
    return lambda: browser.get("/api/v1/orders").status_code == 200


def token(buyer: Caller) -> Callable[[], bool]:
    return lambda: buyer.get("/api/v1/orders").status_code == 200


def cursor(buyer: Caller) -> Callable[[], bool]:
    for name in ("Walnut desk", "Brass lamp"):
        make_product(buyer, name)
    path = "/api/v1/products?limit=1"
    following = buyer.get(path).json()["next"]
    return lambda: buyer.get(f"{path}&cursor={following}").status_code == 200


def conversation(_buyer: Caller) -> Callable[[], bool]:
    nobody, path = Caller(), "/assistant/ephemeral/messages"
    state = nobody.post(path, {"text": "Hello"}).json()["state"]
    return lambda: nobody.post(path, {"text": "Hello", "state": state}).status_code == 200


def link_to_reset(buyer: Caller) -> Callable[[], bool]:
    assert buyer.user is not None
    uid = urlsafe_base64_encode(force_bytes(buyer.id))
    path = f"/console/reset/{uid}/{reset_links.make_token(buyer.user)}"
    return lambda: Client().get(path).status_code == 302


def link_to_media(_buyer: Caller) -> Callable[[], bool]:
    """Of an unsaved row: the signature is checked first."""
    link = sign_link(Media(pk=7, state=MediaState.LIVE))
    assert link is not None

    def verifies() -> bool:
        """A valid link queries the database; an invalid one does not."""
        with CaptureQueriesContext(connection) as asked, pytest.raises(Media.DoesNotExist):
            follow_link(7, link)
        return len(asked) == 1

    return verifies


@pytest.mark.parametrize("make", [session, cursor, conversation, link_to_reset, link_to_media])
def test_signed_things_end_with_the_key_and_not_while_it_is_a_fallback(
    make: Callable[[Caller], Callable[[], bool]], buyer: Caller, rotate: Rotate
) -> None:
    works = make(buyer)
    assert works()
    rotate(keep=True)
    assert works()
    rotate(keep=False)
    assert not works()


def test_tokens_and_passwords_outlive_the_key(buyer: Caller, rotate: Rotate) -> None:
    works = token(buyer)
    rotate(keep=False)
    assert works()
    assert Client().login(username="bea", password=PASSWORD)


def test_pseudonyms_of_private_facts_compare_among_those_of_one_key(
    buyer: Caller, rotate: Rotate, policies: Path
) -> None:
    """Fallback keys do not affect pseudonyms: each fact has one, from the current key."""
    (policies / "entry.yaml").write_text(ENTRY)
    pseudonyms = [pseudonym(buyer.id), pseudonym(buyer.id)]
    rotate(keep=True)
    pseudonyms += [pseudonym(buyer.id), pseudonym(buyer.id)]
    assert pseudonyms[0] == pseudonyms[1] != pseudonyms[2] == pseudonyms[3]
    assert all(each.startswith("pseudonym:") for each in pseudonyms)


def pseudonym(actor_id: int) -> str:
    """The pseudonym of a name in a decision record."""
    subject = Subject(kind="lamp", id=1, actor_id=actor_id)
    with transaction.atomic():
        facts = {"member": True, "name": "Eve"}
        _, record = decide_on_record("entry", facts, now=timezone.now(), subject=subject)
    return str(record.facts["name"])
