"""The people and products that requests refer to, the same in every fresh database."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.middleware.csrf import CSRF_SECRET_LENGTH, CSRF_TOKEN_LENGTH
from django.test import Client, override_settings
from django.utils import timezone
from django.utils.crypto import get_random_string

from api.parity.asking import Ask, Seen
from decisions import triggers
from marketplace.accounts.models import Role, User
from marketplace.accounts.services import issue_token
from marketplace.assistant.models import Message
from marketplace.catalog.models import Product

UNLIMITED: Final = dict.fromkeys(("login", "write", "read", "anonymous", "assistant"), "999999/s")
PEOPLE: Final = ("nobody", "stranger", "bea", "ben", "session", "bad token", "bad session")
"""Bea and Ben have tokens; `session` is Bea in a browser; `nobody` and `stranger` each have a browser."""


@dataclass
class World:
    """Browsers by name, tokens by name, and values saved from responses."""

    clients: dict[str, Client] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    saved: dict[str, str] = field(default_factory=dict)

    def send(self, ask: Ask, base: str) -> Seen:
        path, content = ask.filled(self.saved)
        client = self.clients[ask.who]
        for name, value in ask.cookies.items():
            client.cookies[name] = value
        with override_settings(COMITY_THROTTLES={**UNLIMITED, **ask.rates}):
            response: Any = client.generic(
                ask.method,
                base + path,
                content,
                ask.content_type,
                headers=self._headers(ask),
            )
        for name, member in ask.save.items():
            self.saved[name] = str(response.json()[member])
        return Seen.of(response)

    def _headers(self, ask: Ask) -> dict[str, str]:
        headers = dict(ask.headers)
        if ask.who in self.tokens:
            headers.setdefault("Authorization", f"Bearer {self.tokens[ask.who]}")
        if ask.who == "session" and ask.csrf != "none":
            good = self.clients["session"].cookies[settings.CSRF_COOKIE_NAME].value
            headers["X-CSRFToken"] = good if ask.csrf == "good" else get_random_string(CSRF_TOKEN_LENGTH)
        return headers

    def left(self) -> list[tuple[str, int, str, str]]:
        """Everything stored at the end."""
        rows = Message.objects.order_by("conversation_id", "seq")
        return list(rows.values_list("conversation__title", "seq", "author", "text"))


@contextmanager
def fresh_world() -> Iterator[World]:
    """Deletes everything in the database before and after: never call it on data worth keeping."""
    _empty()
    try:
        yield _populate()
    finally:
        _empty()


def _empty() -> None:
    cache.clear()
    triggers.lift()
    call_command("flush", interactive=False, verbosity=0)


def _populate() -> World:
    users = {name: User.objects.create_user(name, role=role) for name, role in _ROLES.items()}
    for name in ("Walnut desk", "Brass lamp", "\u200b"):
        Product.objects.create(seller=users["sam"], name=name)
    tokens = {name: issue_token(user=users[name], now=timezone.now()) for name in ("bea", "ben")}
    world = World(tokens=tokens | {"bad token": "cmt_garbage"})
    for name in PEOPLE:
        world.clients[name] = Client(enforce_csrf_checks=True, raise_request_exception=False)
    world.clients["session"].force_login(users["bea"])
    world.clients["session"].cookies[settings.CSRF_COOKIE_NAME] = get_random_string(CSRF_SECRET_LENGTH)
    world.clients["bad session"].cookies[settings.SESSION_COOKIE_NAME] = "garbage" * 4
    return world


_ROLES: Final[Mapping[str, Role]] = {"sam": Role.SELLER, "bea": Role.BUYER, "ben": Role.BUYER}
