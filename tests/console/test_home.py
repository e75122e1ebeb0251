"""The server's root address redirects to a useful page."""

import pytest
from django.test import Client

from marketplace.accounts.models import Role, User


@pytest.mark.parametrize(
    ("role", "path"),
    [(Role.MODERATOR, "/console/moderation/try"), (Role.BUYER, "/console/account")],
)
def test_person_who_is_signed_in_comes_to_their_page(db: None, role: Role, path: str) -> None:
    browser = Client()
    browser.force_login(User.objects.create_user("bea", role=role))
    answer = browser.get("/", follow=True)
    assert (answer.redirect_chain, answer.status_code) == ([("/console/", 302), (path, 302)], 200)


@pytest.mark.parametrize("address", ["/", "/console/"])
def test_stranger_is_asked_to_sign_in(client: Client, db: None, address: str) -> None:
    answer = client.get(address, follow=True)
    assert answer.redirect_chain[-1] == ("/console/sign-in?next=/console/", 302)
    assert answer.status_code == 200


def test_console_without_its_slash_is_found(client: Client, db: None) -> None:
    assert client.get("/console", follow=True).status_code == 200


@pytest.mark.parametrize("address", ["/", "/console/"])
def test_nothing_is_posted_there(client: Client, db: None, address: str) -> None:
    assert client.post(address).status_code == 405
