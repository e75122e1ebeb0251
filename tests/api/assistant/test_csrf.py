"""Writes need a session with its CSRF token or a bearer token on both surfaces, and a JSON body."""

import json
from itertools import product

import pytest
from django.test import Client

from marketplace.assistant.models import Conversation
from tests.api.callers import Caller, refusal_of
from tests.sampling import sample_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]

BODIES = {
    "json": ("application/json", None),
    "text": ("text/plain", None),
    "form": ("application/x-www-form-urlencoded", "message=Hello&text=Hello"),
}
NOT_JSON = (415, "unsupported-media-type")
NO_CSRF = (403, "csrf-failed")


def declared(who: str, token: str, body: str, path: str) -> tuple[int, str]:
    """Of a POST; an empty code means success."""
    if body != "json":
        return NOT_JSON
    if who == "session" and token != "good":
        return NO_CSRF
    if path == "/conversations":
        return (401, "unauthenticated") if who == "anonymous" else (201, "")
    return (200, "") if who == "anonymous" else (409, "logged-in")


def sender(who: str, buyer: Caller) -> tuple[Client, dict[str, str], str]:
    """A client, its authentication headers, and a valid CSRF token."""
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "c" * 32
    if who == "session":
        client.force_login(buyer.user)
    headers = {"Authorization": f"Bearer {buyer.token}"} if who == "token" else {}
    return client, headers, "c" * 32


@pytest.mark.parametrize(
    ("who", "token", "body", "path"),
    sample_rows(
        list(
            product(
                ["anonymous", "session", "token"],
                ["no", "bad", "good"],
                BODIES,
                ["/conversations", "/ephemeral/messages"],
            )
        ),
        every=5,
    ),
)
def test_write_is_what_the_matrix_says(base, buyer, who, token, body, path):
    client, headers, good = sender(who, buyer)
    if token != "no":
        headers["X-CSRFToken"] = good if token == "good" else "d" * 32
    content_type, content = BODIES[body]
    said = {"message" if path == "/conversations" else "text": "Hello"}

    response = client.post(base + path, content or json.dumps(said), content_type, headers=headers)

    expected = declared(who, token, body, path)
    actual = refusal_of(response) if response.status_code >= 400 else (response.status_code, "")
    assert actual == expected
    assert Conversation.objects.count() == (1 if expected == (201, "") else 0)


@pytest.mark.parametrize("method", ["patch", "delete"])
@pytest.mark.parametrize("token", ["no", "bad", "good"])
def test_session_changes_nothing_without_its_token(base, buyer, method, token):
    number = buyer.post(f"{base}/conversations", {"message": "My walnut desk"}).json()["id"]
    client, headers, good = sender("session", buyer)
    if token != "no":
        headers["X-CSRFToken"] = good if token == "good" else "d" * 32
    body = {"content_type": "application/json", "data": '{"title": "Mine"}'} if method == "patch" else {}
    response = getattr(client, method)(f"{base}/conversations/{number}", headers=headers, **body)
    assert (response.status_code < 300) is (token == "good")
    assert Conversation.objects.filter(title="My walnut desk").exists() is (token != "good")
