"""A signed-in moderator, and an anonymous client."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from marketplace.accounts.models import Role, User

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def forget_throttles() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def moderator(db: None) -> User:
    return User.objects.create_user("max", password=PASSWORD, role=Role.MODERATOR)


@pytest.fixture
def moderator_client(client: Client, moderator: User) -> Client:
    client.force_login(moderator)
    return client
