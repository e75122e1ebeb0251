"""A signed-in moderator, an anonymous client, and browsers that all tests share, since each takes seconds to start."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from selenium.webdriver.remote.webdriver import WebDriver

from marketplace.accounts.models import Role, User
from tests.console.browser import start
from tests.editable_policies import copy_policies
from tests.marketplace.publishing.conftest import ann, bob, carl, eve, first, folder, shop  # noqa: F401

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def forget_throttles() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    yield from start(tmp_path_factory.mktemp("chromium"), javascript=True)


@pytest.fixture(scope="session")
def browser_without_javascript(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    yield from start(tmp_path_factory.mktemp("chromium"), javascript=False)


@pytest.fixture
def moderator(db: None) -> User:
    return User.objects.create_user("max", password=PASSWORD, role=Role.MODERATOR)


@pytest.fixture
def moderator_client(client: Client, moderator: User) -> Client:
    client.force_login(moderator)
    return client


@pytest.fixture
def owner_client(db: None) -> Client:
    browser = Client()
    browser.force_login(User.objects.create_user("pia", role=Role.POLICY_OWNER))
    return browser


@pytest.fixture
def policies_dir(tmp_path: Path, settings) -> Path:
    """A copy of the policies that the test may edit."""
    target = copy_policies(tmp_path / "policies")
    settings.COMITY_POLICIES_DIR = target
    return target
