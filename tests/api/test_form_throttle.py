"""The admin's forms that check a password have the same rate limit as the API."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from api import throttle
from tests.api.callers import PASSWORD, Caller, refusal_of

LOGIN = "/admin/login/"


@pytest.fixture(autouse=True)
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "time", SimpleNamespace(time=lambda: 600.0, monotonic=lambda: 600.0))


def sign_in(anonymous: Caller, username: str, password: str, **headers: str) -> HttpResponse:
    form = anonymous.client.get(LOGIN)
    fields = {"csrfmiddlewaretoken": form.context["csrf_token"], "username": username, "password": password}
    return anonymous.client.post(LOGIN, fields, headers=headers)


def rate(settings: Any, limit: str) -> None:
    settings.COMITY_THROTTLES = {**settings.COMITY_THROTTLES, "login": limit}


def test_staff_sign_in(anonymous: Caller, policy_owner: Caller) -> None:
    assert policy_owner.user is not None
    policy_owner.user.is_staff = True
    policy_owner.user.save()

    assert sign_in(anonymous, "pia", PASSWORD).status_code == 302
    assert anonymous.get("/api/v1/orders").status_code == 200


def test_guesses_are_counted_by_address(anonymous: Caller, settings: Any, db: None) -> None:
    rate(settings, "2/min")

    answers = [sign_in(anonymous, f"guess-{number}", "wrong") for number in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert refusal_of(answers[2]) == (429, "throttled")


@pytest.mark.parametrize("typed", ["pia", "Pia", " pia", "pia\t", "\uff50ia", "pi\uff21"])
def test_guesses_are_counted_by_username_together_with_those_over_the_api(
    typed: str, anonymous: Caller, settings: Any, db: None
) -> None:
    """However it is typed: the form removes spaces and turns wide letters into narrow ones."""
    rate(settings, "1/min")
    throttle.enforce_rate("login", "username pia")

    assert sign_in(anonymous, typed, "wrong").status_code == 429


def test_looking_at_the_page_is_not_a_guess(anonymous: Caller, settings: Any, db: None) -> None:
    rate(settings, "1/min")

    assert [anonymous.client.get(LOGIN).status_code for _ in range(3)] == [200] * 3


def test_guesses_of_the_own_password_are_counted(policy_owner: Caller, settings: Any) -> None:
    """By somebody who found a session open."""
    rate(settings, "2/min")
    assert policy_owner.user is not None
    policy_owner.user.is_staff = True
    policy_owner.user.save()
    client = Client()
    client.force_login(policy_owner.user)

    answers = [client.post("/admin/password_change/", {"old_password": "wrong"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
