"""The account page: change the password, revoke tokens, sign out everywhere."""

import pytest
from django.test import Client

from marketplace.accounts.models import Role, User
from marketplace.accounts.queries import find_user_by_token
from marketplace.accounts.services import change_password, issue_token
from tests.console.conftest import PASSWORD
from tests.marketplace.factories import NOW

ACCOUNT, CHANGE = "/console/account", "/console/account/password"
NEW = "wrong mule charger paperclip"
FIELDS = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}


@pytest.fixture
def bea(db: None) -> User:
    return User.objects.create_user("bea", password=PASSWORD, role=Role.BUYER)


@pytest.fixture
def browser(bea: User) -> Client:
    browser = Client()
    browser.force_login(bea)
    return browser


@pytest.mark.parametrize("path", [ACCOUNT, CHANGE])
def test_nobody_is_asked_to_sign_in_and_comes_back(client: Client, db: None, path: str) -> None:
    for answer in (client.get(path), client.post(path, FIELDS)):
        assert (answer.status_code, answer["Location"]) == (302, f"/console/sign-in?next={path}")


def test_page_says_who_one_is_and_how_many_tokens_work(browser: Client, bea: User) -> None:
    for _ in range(3):
        issue_token(user=bea, now=NOW)
    response = browser.get(ACCOUNT)
    assert "<dt>Tokens</dt><dd>3</dd>" in response.text
    assert "<dd>bea</dd>" in response.text
    assert response["Content-Security-Policy"].startswith("default-src 'none'")


def test_all_tokens_are_revoked_and_the_session_goes_on(browser: Client, bea: User) -> None:
    text = issue_token(user=bea, now=NOW)
    response = browser.post(ACCOUNT, {"tokens": ""}, follow=True)
    assert "Revoked 1 token." in response.text
    assert find_user_by_token(text) is None


def test_signing_out_everywhere_ends_this_and_every_other_session(browser: Client, bea: User) -> None:
    text = issue_token(user=bea, now=NOW)
    other = Client()
    other.force_login(bea)

    answer = browser.post(ACCOUNT, {"everywhere": ""})

    assert (answer.status_code, answer["Location"]) == (302, "/console/sign-in")
    assert [each.get(ACCOUNT).status_code for each in (browser, other)] == [302, 302]
    assert find_user_by_token(text) is None


def test_changed_password_ends_tokens_and_other_sessions_and_keeps_this_one(
    browser: Client, bea: User
) -> None:
    text = issue_token(user=bea, now=NOW)
    other = Client()
    other.force_login(bea)

    response = browser.post(CHANGE, FIELDS, follow=True)

    assert "Your password is changed." in response.text
    assert [each.get(ACCOUNT).status_code for each in (browser, other)] == [200, 302]
    assert find_user_by_token(text) is None
    assert Client().login(username="bea", password=NEW)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("old_password", "wrong", "Your old password was entered incorrectly"),
        ("new_password2", "another one", "The two password fields didn’t match."),
        ("new_password1", "", "This field is required."),
    ],
)
def test_invalid_field_is_reported_and_changes_nothing(
    browser: Client, bea: User, field: str, value: str, message: str
) -> None:
    text = issue_token(user=bea, now=NOW)
    response = browser.post(CHANGE, {**FIELDS, field: value})
    assert response.status_code == 200
    assert message in response.text
    assert f'aria-describedby="id_{field}_error"' in response.text
    assert find_user_by_token(text) == bea


def test_password_changed_meanwhile_is_not_changed_again(
    browser: Client, bea: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first_another(*, user: User, password: str, now: object) -> None:
        change_password(user=User.objects.get(pk=bea.pk), password="first " * 4, now=NOW)
        change_password(user=user, password=password, now=NOW)

    monkeypatch.setattr("console.forms.change_password", first_another)
    response = browser.post(CHANGE, FIELDS)
    assert "The password was changed in the meantime" in response.text
    assert User.objects.get(pk=bea.pk).check_password("first " * 4)


def test_guesses_of_the_old_password_are_counted_with_sign_ins(browser: Client, settings) -> None:
    settings.COMITY_THROTTLES = {**settings.COMITY_THROTTLES, "login": "2/min"}
    guesses = [browser.post(CHANGE, {**FIELDS, "old_password": "wrong"}).status_code for _ in range(3)]
    assert guesses == [200, 200, 429]
    sign_in = Client().post(
        "/console/sign-in", {"username": "bea", "password": PASSWORD}, REMOTE_ADDR="10.0.0.9"
    )
    assert sign_in.status_code == 429


@pytest.mark.parametrize("path", [ACCOUNT, CHANGE])
def test_forms_of_other_sites_do_nothing(bea: User, path: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(bea)
    text = issue_token(user=bea, now=NOW)
    assert browser.post(path, {**FIELDS, "everywhere": "", "tokens": ""}).status_code == 403
    assert find_user_by_token(text) == bea
