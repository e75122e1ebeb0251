"""By keyboard alone and without JavaScript, a moderator takes an item, opens its hard text, and rules, in a real browser."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from marketplace.accounts.models import Role, User
from marketplace.chats.services import send_message
from tests.console.browser import wait
from tests.console.test_changes_in_chromium import press
from tests.marketplace.factories import make_order, make_product, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chromium]


def test_item_is_ruled_on_by_keyboard_without_javascript(
    browser_without_javascript: WebDriver, live_server: Any, moderator: User
) -> None:
    driver = browser_without_javascript
    bea = make_user("bea", Role.BUYER)
    order = make_order(bea, make_product(make_user("sam", Role.SELLER)))
    text = "threat:0.6+reported he said so"
    item = send_message(author=bea, chat_id=order.chat_id, text=text, now=timezone.now()).queue_item
    client = Client()
    client.force_login(moderator)
    name = settings.SESSION_COOKIE_NAME
    driver.get(f"{live_server.url}/console/sign-in")
    driver.add_cookie({"name": name, "value": client.cookies[name].value})
    driver.get(f"{live_server.url}/console/")
    driver.get_log("browser")
    press(driver, "1 text in the moderation queue")
    press(driver, "Take the next item")
    assert "he said so" not in driver.page_source
    press(driver, "Show the text")
    assert "he said so" in driver.find_element(By.CLASS_NAME, "text").text
    driver.find_element(By.CSS_SELECTOR, "[value=report]").send_keys(Keys.SPACE)
    press(driver, "Overturn: leave it")
    wait(driver, lambda: f"Item {item.pk}: overturned." in driver.find_element(By.TAG_NAME, "main").text)
    item.refresh_from_db()
    assert (item.verdict, item.reason) == ("overturn", "It tells what somebody else said or did.")
    assert driver.get_log("browser") == []
