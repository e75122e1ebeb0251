"""A signed-in moderator, an anonymous client, and a browser that all tests share, since it takes seconds to start."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from selenium.webdriver.remote.webdriver import WebDriver

from marketplace.accounts.models import Role, User
from marketplace.chats.models import Message
from marketplace.chats.services import send_message
from marketplace.orders.models import Order
from tests.console.browser import start
from tests.editable_policies import copy_policies
from tests.marketplace.factories import make_order, make_product, make_user
from tests.marketplace.publishing.conftest import (  # noqa: F401
    ann,
    bob,
    carl,
    compiled,
    eve,
    first,
    folder,
    follows_bundles,
    remembered,
    shop,
)
from tests.throttles import forget_throttles as forget_throttles

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    yield from start(tmp_path_factory.mktemp("chromium"))


@pytest.fixture(scope="module")
def closed_page(chromium: WebDriver) -> Iterator[None]:
    """A page that is left open would use CPU time during later tests."""
    yield
    chromium.get("about:blank")


@pytest.fixture
def browser(chromium: WebDriver, closed_page: None) -> Iterator[WebDriver]:
    yield chromium
    chromium.delete_all_cookies()


@pytest.fixture
def browser_without_javascript(browser: WebDriver) -> Iterator[WebDriver]:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    yield browser
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


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


@pytest.fixture
def bea(db: None) -> User:
    return make_user("bea", Role.BUYER)


@pytest.fixture
def mia(db: None) -> User:
    return make_user("mia", Role.MODERATOR)


@pytest.fixture
def mia_client(mia: User) -> Client:
    browser = Client()
    browser.force_login(mia)
    return browser


@pytest.fixture
def order(bea: User) -> Order:
    return make_order(bea, make_product(make_user("sam", Role.SELLER)))


@pytest.fixture
def send(order: Order, bea: User) -> Callable[..., Message]:
    """Bea writes to Sam, some minutes ago."""

    def sent(text: str, author: User = bea, **ago: int) -> Message:
        now = timezone.now() - timedelta(**ago)
        return send_message(author=author, chat_id=order.chat_id, text=text, now=now)

    return sent
