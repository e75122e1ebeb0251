"""Account pages in a real browser, 390 pixels wide and without JavaScript."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from marketplace.accounts.models import Role, User
from marketplace.accounts.services import issue_token
from marketplace.outbox.delivery import deliver_events
from tests.console.browser import wait
from tests.console.conftest import PASSWORD
from tests.marketplace.factories import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chromium]

NEW, NEWER = "wrong mule charger paperclip", "right donkey cable envelope"


@pytest.fixture
def browser(browser_without_javascript: WebDriver) -> Iterator[WebDriver]:
    window = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser_without_javascript.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", window)
    yield browser_without_javascript
    browser_without_javascript.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.fixture
def bea(db: None) -> User:
    return User.objects.create_user("bea", password=PASSWORD, role=Role.BUYER, email="bea@shop.example")


def fill(driver: WebDriver, **fields: str) -> None:
    """Fill in the form and submit it by keyboard."""
    for name, text in fields.items():
        driver.find_element(By.NAME, name).send_keys(text)
    driver.find_element(By.NAME, name).send_keys(Keys.ENTER)


def shows(driver: WebDriver, heading: str) -> None:
    """Check that the page has this title, fits the window and labels all fields."""
    wait(driver, lambda: driver.title == f"{heading} · Comity")
    width = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]["width"]
    assert width <= 390, heading
    for field in driver.find_elements(By.CSS_SELECTOR, "main input:not([type=hidden])"):
        assert field.accessible_name


@pytest.mark.full
def test_password_is_changed_and_everything_is_signed_out(
    browser: WebDriver, live_server: Any, bea: User
) -> None:
    browser.get(f"{live_server.url}/console/account")
    shows(browser, "Sign in")
    fill(browser, username="bea", password=PASSWORD)
    shows(browser, "Your account")
    browser.find_element(By.LINK_TEXT, "Change the password").click()
    shows(browser, "Change the password")
    fill(browser, old_password="wrong", new_password1=NEW, new_password2=NEW)
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "[aria-invalid]"))
    shows(browser, "Change the password")
    fill(browser, old_password=PASSWORD, new_password1=NEW, new_password2=NEW)
    shows(browser, "Your account")
    assert "Your password is changed." in browser.page_source

    issue_token(user=User.objects.get(pk=bea.pk), now=NOW)
    browser.find_element(By.NAME, "tokens").click()
    wait(browser, lambda: "Revoked 1 token." in browser.page_source)
    browser.find_element(By.NAME, "everywhere").click()
    shows(browser, "Sign in")
    browser.get(f"{live_server.url}/console/account")
    shows(browser, "Sign in")


@pytest.mark.full
def test_forgotten_password_is_chosen_anew(browser: WebDriver, live_server: Any, bea: User) -> None:
    browser.get(f"{live_server.url}/console/sign-in")
    browser.delete_all_cookies()
    browser.find_element(By.LINK_TEXT, "Forgotten password?").click()
    shows(browser, "Forgotten password")
    fill(browser, email="bea@shop.example")
    shows(browser, "Check your mail")
    mail.outbox.clear()
    deliver_events(now=timezone.now())
    [link] = [line for line in str(mail.outbox[0].body).splitlines() if line.startswith("http")]

    browser.get(link)
    shows(browser, "Choose a new password")
    fill(browser, new_password1=NEWER, new_password2=NEWER)
    shows(browser, "Sign in")
    assert "Your password is changed." in browser.page_source
    browser.get(link)
    shows(browser, "This link does not work")
