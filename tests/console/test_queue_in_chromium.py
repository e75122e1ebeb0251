"""By keyboard alone and without JavaScript, moderators rule on an item and on an appeal, in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from decisions import Denied
from marketplace.accounts.models import User
from marketplace.chats.models import Message
from marketplace.desk.appealing import appeal_decision
from marketplace.moderation.models import BlockedText, QueueItem, Strike
from tests.console.browser import wait
from tests.console.test_changes_in_chromium import press

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chromium]


def sign_in(driver: WebDriver, url: str, user: User) -> None:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    driver.get(f"{url}/console/sign-in")
    driver.add_cookie({"name": name, "value": client.cookies[name].value})
    driver.get(f"{url}/console/")
    driver.get_log("browser")


def main(driver: WebDriver) -> str:
    return driver.find_element(By.TAG_NAME, "main").text


def choose(driver: WebDriver, reason: str) -> None:
    driver.find_element(By.CSS_SELECTOR, f"[value={reason}]").send_keys(Keys.SPACE)


def test_blocked_text_is_ruled_on_and_another_moderator_decides_its_appeal(
    browser_without_javascript: WebDriver,
    live_server: Any,
    moderator: User,
    mia: User,
    bea: User,
    send: Callable[..., Message],
) -> None:
    driver = browser_without_javascript
    for ago in (4, 3, 2):
        with pytest.raises(Denied):
            send("threat:0.99 quokka", minutes=ago)
    item = QueueItem.objects.get(blocked=True)

    sign_in(driver, live_server.url, moderator)
    press(driver, "1 text in the moderation queue")
    press(driver, "Take the next item")
    assert "quokka" not in driver.page_source
    press(driver, "Show the text")
    assert "quokka" in driver.find_element(By.CLASS_NAME, "text").text
    choose(driver, "threat")
    press(driver, "Uphold the block")
    wait(driver, lambda: f"Item {item.pk}: upheld." in main(driver))
    appeal_decision(appellant=bea, decision_id=item.decision_id, because="joke", now=timezone.now())
    driver.get(f"{live_server.url}/console/moderation/appeals")
    press(driver, "Appeal 1, chat")
    assert "another moderator decides" in main(driver)

    driver.delete_all_cookies()
    sign_in(driver, live_server.url, mia)
    driver.get(f"{live_server.url}/console/moderation/queue")
    press(driver, "1 open appeal")
    press(driver, "Appeal 1, chat")
    press(driver, "Show the text")
    choose(driver, "harmless")
    press(driver, "Overturn: deliver it")
    wait(driver, lambda: "the decision is overturned" in main(driver))
    assert Message.objects.get().text == "threat:0.99 quokka"
    assert Strike.objects.filter(author=bea, taken_back_at=None).count() == 2
    assert BlockedText.objects.get(decision_id=item.decision_id).kept_for == "sample"
    assert driver.get_log("browser") == []
