"""Password reset by mail: one use, one hour, and no hint at whether an account exists."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from marketplace.accounts.models import Role, User
from marketplace.accounts.queries import find_user_by_token
from marketplace.accounts.reset_links import reset_links
from marketplace.accounts.services import ask_for_reset, forget_resets, issue_token, sign_out_everywhere
from marketplace.outbox.delivery import Undelivered, deliver_events
from marketplace.outbox.models import OutboxEvent
from tests.console.conftest import PASSWORD
from tests.marketplace.factories import NOW

RESET, ADDRESS = "/console/reset", "bea@shop.example"
NEW = "wrong mule charger paperclip"
CHOSEN = {"new_password1": NEW, "new_password2": NEW}


@pytest.fixture
def bea(db: None) -> User:
    return User.objects.create_user("bea", password=PASSWORD, role=Role.BUYER, email=ADDRESS)


def deliver() -> list[str]:
    """The links in the mails sent now."""
    mail.outbox.clear()
    deliver_events(now=timezone.now())
    return [link for sent in mail.outbox for link in re.findall(r"http\S+", str(sent.body))]


def asked(client: Client, email: str = ADDRESS) -> Any:
    return client.post(RESET, {"email": email})


@pytest.fixture
def link(client: Client, bea: User) -> str:
    asked(client)
    [link] = deliver()
    return link.removeprefix("http://testserver")


def test_link_comes_by_mail_and_lets_one_choose_a_password_that_ends_tokens(
    client: Client, bea: User
) -> None:
    text = issue_token(user=bea, now=NOW)
    session = Client()
    session.force_login(bea)
    answer = asked(client)
    assert (answer.status_code, answer["Location"]) == (302, "/console/reset/asked")
    assert "If an account has this address" in client.get("/console/reset/asked").text

    [link] = deliver()

    [sent] = mail.outbox
    assert (sent.to, sent.subject) == ([ADDRESS], "Choose a new password")
    assert link.startswith("http://testserver/console/reset/")
    response = client.get(link, follow=True)
    assert "Choose a new password" in response.text
    assert link.rpartition("/")[2] not in response.redirect_chain[0][0]
    done = client.post(response.redirect_chain[0][0], CHOSEN, follow=True)
    assert "Your password is changed. Sign in with it." in done.text
    assert find_user_by_token(text) is None
    assert session.get("/console/account").status_code == 302
    assert Client().login(username="bea", password=NEW)


def choose(link: str, client: Client | None = None) -> Any:
    client = client or Client()
    response = client.get(link, follow=True)
    return client.post(response.redirect_chain[-1][0], CHOSEN) if response.redirect_chain else response


def test_link_works_once(link: str) -> None:
    assert choose(link).status_code == 302
    assert "This link does not work" in choose(link).text


def test_of_two_browsers_that_opened_the_link_one_saves(link: str, bea: User) -> None:
    browsers = [Client(), Client()]
    forms = [browser.get(link, follow=True).redirect_chain[-1][0] for browser in browsers]
    answers = [browser.post(form, CHOSEN) for browser, form in zip(browsers, forms, strict=True)]
    assert [answer.status_code for answer in answers] == [302, 200]
    assert "This link does not work" in answers[1].text


def sign_in(user: User) -> None:
    assert Client().login(username=user.username, password=PASSWORD)


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def change_address(user: User) -> None:
    User.objects.filter(pk=user.pk).update(email="other@shop.example")


@pytest.mark.parametrize(
    "ends",
    [
        sign_in,
        deactivate,
        change_address,
        lambda user: sign_out_everywhere(user_id=user.pk, now=NOW),
    ],
    ids=["signed in", "deactivated", "other address", "signed out everywhere"],
)
def test_link_ends_with_what_makes_it_pointless(ends: Any, link: str, bea: User) -> None:
    ends(bea)
    assert "This link does not work" in choose(link).text
    assert User.objects.get(pk=bea.pk).password == bea.password


def test_link_is_good_for_an_hour(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = reset_links._now()
    monkeypatch.setattr(reset_links, "_now", lambda: now + timedelta(minutes=59))
    assert Client().get(link).status_code == 302
    monkeypatch.setattr(reset_links, "_now", lambda: now + timedelta(minutes=61))
    assert "This link does not work" in choose(link).text


@pytest.mark.parametrize("cut", ["MQ/x", "!!/x-y", "OTk5OTk5/cz-0", "%00/x-y"])
def test_nonsense_is_no_link(cut: str, client: Client, bea: User) -> None:
    response = client.get(f"{RESET}/{cut}")
    assert response.status_code == 200
    assert "This link does not work" in response.text


def test_known_and_unknown_addresses_are_answered_by_the_same_work(bea: User) -> None:
    known, unknown = (outcome_for(email) for email in (ADDRESS, "nobody@shop.example"))
    assert known == unknown
    assert len(deliver()) == 1


def outcome_for(email: str) -> tuple[Any, ...]:
    """The response without its id, and the database queries behind it."""
    with CaptureQueriesContext(connection) as queries:
        answer = asked(Client(), email)
    headers = {name: value for name, value in answer.items() if name.lower() != "x-request-id"}
    return answer.status_code, headers, answer.content, [query["sql"].split()[0] for query in queries]


def test_nobody_without_a_password_or_an_account_in_use_gets_mail(client: Client, bea: User) -> None:
    bea.set_unusable_password()
    bea.save()
    asked(client)
    assert deliver() == []
    bea.set_password(PASSWORD)
    bea.is_active = False
    bea.save()
    asked(client)
    assert deliver() == []


def test_address_is_asked_for_in_any_case_and_gets_one_mail_in_five_minutes(bea: User) -> None:
    for seconds, email in enumerate([ADDRESS, ADDRESS.upper(), ADDRESS]):
        ask_for_reset(email=email, origin="https://a.example", now=NOW + timedelta(seconds=seconds))
    assert OutboxEvent.objects.count() == 1
    ask_for_reset(email=ADDRESS, origin="https://a.example", now=NOW + timedelta(minutes=5))
    assert OutboxEvent.objects.count() == 2
    assert len(deliver()) == 2


def test_outbox_holds_no_address_and_forgets_after_a_day(client: Client, bea: User) -> None:
    asked(client)
    [event] = OutboxEvent.objects.all()
    assert "bea" not in f"{event.dedup} {event.payload}"
    deliver()
    now = timezone.now()
    assert [forget_resets(now=now + timedelta(hours=hours)) for hours in (23, 25)] == [0, 1]


def test_mail_server_that_is_down_is_asked_again(
    client: Client, bea: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(client)
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 1
    settings.EMAIL_HOST = "127.0.0.1"
    with pytest.raises(Undelivered):
        deliver_events(now=timezone.now())

    settings.EMAIL_BACKEND = backend
    mail.outbox.clear()
    deliver_events(now=timezone.now() + timedelta(minutes=1))
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "email", ["", "nonsense", "bea@shop.example\nBcc: eve@evil.example", "x" * 300 + "@a.example"]
)
def test_invalid_address_is_reported_without_a_query(email: str, client: Client, bea: User) -> None:
    response = asked(client, email)
    assert response.status_code == 200
    assert 'aria-invalid="true"' in response.text
    assert not OutboxEvent.objects.exists()


def test_asking_is_counted_by_browser_and_by_address(bea: User, settings: Any) -> None:
    settings.COMITY_THROTTLES = {**settings.COMITY_THROTTLES, "login": "2/min"}
    by_browser = [Client().post(RESET, {"email": f"{n}@a.example"}).status_code for n in range(3)]
    by_address = [
        Client().post(RESET, {"email": " " * n + ADDRESS}, REMOTE_ADDR=f"10.0.0.{n}").status_code
        for n in range(3)
    ]
    assert (by_browser, by_address) == ([302, 302, 429], [302, 302, 429])


def test_installation_without_a_mail_server_says_so_and_asks_nobody(
    client: Client, bea: User, settings: Any
) -> None:
    settings.COMITY_SENDS_EMAIL = False
    for response in (client.get(RESET), asked(client)):
        assert "This installation cannot send mail." in response.text
        assert "<form" not in response.text.partition("<main")[2]
    assert not OutboxEvent.objects.exists()


def test_sign_in_leads_there(client: Client, db: None) -> None:
    assert f'href="{RESET}"' in client.get("/console/sign-in").text
