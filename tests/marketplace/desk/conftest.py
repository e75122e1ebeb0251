"""Moderators Max, Mia and Moe."""

import pytest

from marketplace.accounts.models import Role, User
from tests.marketplace.factories import make_user


@pytest.fixture
def max_(db: None) -> User:
    return make_user("max", Role.MODERATOR)


@pytest.fixture
def mia(db: None) -> User:
    return make_user("mia", Role.MODERATOR)


@pytest.fixture
def moe(db: None) -> User:
    return make_user("moe", Role.MODERATOR)
