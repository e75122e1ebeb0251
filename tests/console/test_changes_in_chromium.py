"""By keyboard alone, a published change goes into force and back, in a real browser."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from marketplace.accounts.models import User
from marketplace.publishing.models import Publication
from marketplace.publishing.queries import active
from tests.console.browser import wait
from tests.marketplace.publishing.bundle import Bundles

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chromium]

STOPS = 60


def press(driver: WebDriver, name: str) -> None:
    """Goes on with the Tab key to what has this name, and presses Enter there."""
    before = driver.current_url, driver.find_element("tag name", "html")
    for _ in range(STOPS):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        if driver.switch_to.active_element.accessible_name == name:
            driver.switch_to.active_element.send_keys(Keys.ENTER)
            wait(driver, lambda: driver.find_element("tag name", "html") != before[1])
            return
    raise AssertionError(f"the Tab key does not reach {name}")


def test_change_goes_into_force_and_back_by_keyboard(
    browser: WebDriver, live_server: Any, shop: Bundles, first: Publication, carl: User
) -> None:
    shop.edit("value: 100", "value: 200")
    second = shop.publish()
    client = Client()
    client.force_login(carl)
    session = {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
    }
    browser.get(f"{live_server.url}/console/sign-in")
    browser.add_cookie(session)
    browser.get(f"{live_server.url}/console/policies")
    browser.get_log("browser")
    press(browser, "Changes")
    press(browser, f"Bundle {second.pk}")
    press(browser, "Compare with the bundle in force")
    press(browser, "Approve this bundle")
    press(browser, "Put in force now")
    assert active().publication == second
    press(browser, f"Roll back to bundle {first.pk}")
    assert active().publication == first
    assert browser.get_log("browser") == []
