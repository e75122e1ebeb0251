"""By keyboard alone and without JavaScript, in a real browser: two moderators, an author and a reporter."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from decisions import Denied
from marketplace.accounts.models import User
from marketplace.chats.models import Message
from marketplace.desk.queue import rule_on
from marketplace.desk.reporting import report_text
from marketplace.moderation.models import Appeal, BlockedText, QueueItem, Strike, Verdict
from marketplace.moderation.reviewing import claim_item
from marketplace.orders.models import Order
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


def open_page(driver: WebDriver, url: str, user: User, path: str) -> None:
    driver.delete_all_cookies()
    sign_in(driver, url, user)
    driver.get(f"{url}/console/{path}")


@pytest.mark.full  # test_appeals.py tries each step without a browser
def test_blocked_text_is_appealed_and_another_moderator_delivers_it(
    browser_without_javascript: WebDriver,
    live_server: Any,
    moderator: User,
    mia: User,
    bea: User,
    order: Order,
    send: Callable[..., Message],
) -> None:
    driver, url, sam = browser_without_javascript, live_server.url, order.seller
    for ago in (4, 3, 2):
        with pytest.raises(Denied):
            send("threat:0.99 quokka", minutes=ago)
    item = QueueItem.objects.get(blocked=True)

    open_page(driver, url, moderator, "")
    press(driver, "1 text in the moderation queue")
    press(driver, "Take the next item")
    assert "quokka" not in driver.page_source and "Breaks a rule" not in main(driver)
    press(driver, "Show the text")
    assert "quokka" in driver.find_element(By.CLASS_NAME, "text").text
    choose(driver, "threat")
    press(driver, "Breaks a rule: it stays blocked")
    wait(driver, lambda: f"Item {item.pk} breaks a rule: stays blocked." in main(driver))

    open_page(driver, url, bea, "mine")
    driver.find_element(By.CSS_SELECTOR, f"[href$='/decisions/{item.decision_id}']").send_keys(Keys.ENTER)
    wait(driver, lambda: "Your text was not sent" in main(driver))
    assert "it reads as: threat" in main(driver) and "quokka" not in driver.page_source
    choose(driver, "joke")
    press(driver, "Appeal")
    wait(driver, lambda: "You have appealed." in main(driver))
    appeal = Appeal.objects.get()

    open_page(driver, url, moderator, "moderation/appeals")
    press(driver, f"Appeal {appeal.pk}, chat")
    assert "another moderator decides" in main(driver)
    browser = Client()
    browser.force_login(moderator)
    ruling = {"do": "overturn", "because": "harmless"}
    assert browser.post(f"/console/moderation/appeals/{appeal.pk}", ruling).status_code == 403
    closed = {"state": "overturned", "ruled_at": timezone.now(), "reason": "Seen."}
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(ruled_by=moderator, **closed)

    open_page(driver, url, mia, "moderation/queue")
    press(driver, "1 open appeal")
    press(driver, f"Appeal {appeal.pk}, chat")
    press(driver, "Show the text")
    choose(driver, "harmless")
    press(driver, "Breaks none: deliver it")
    wait(driver, lambda: "the decision is overturned" in main(driver))
    message = Message.objects.get()
    assert message.text == "threat:0.99 quokka"
    assert Strike.objects.filter(author=bea, taken_back_at=None).count() == 2
    assert BlockedText.objects.get(decision_id=item.decision_id).kept_for == "sample"
    driver.get(f"{url}/console/moderation/appeals/{appeal.pk}")
    assert "A case to add" in main(driver)

    open_page(driver, url, bea, f"mine/decisions/{item.decision_id}")
    assert "The text was delivered." in main(driver)
    assert driver.get_log("browser") == []
    reported_and_removed(driver, url, sam, moderator, mia, send)


def reported_and_removed(
    driver: WebDriver, url: str, sam: User, moderator: User, mia: User, send: Callable[..., Message]
) -> None:
    """The reporter appeals because the text was left up, and another moderator removes it."""
    report = report_text(
        reader=sam, kind="chat_message", text_id=send("Buy at mine.").pk, because="spam", now=timezone.now()
    )
    claim_item(moderator=moderator, item_id=report.item_id, now=timezone.now())
    rule_on(
        moderator=moderator, item_id=report.item_id, verdict=Verdict.OVERTURN, because="no_breach", note="",
        now=timezone.now(),
    )  # fmt: skip
    open_page(driver, url, sam, "mine?show=reports")
    press(driver, f"Report {report.pk}, chat")
    assert "left it up" in main(driver)
    choose(driver, "harmful")
    press(driver, "Appeal")
    wait(driver, lambda: "You have appealed." in main(driver))

    open_page(driver, url, mia, f"moderation/appeals/{Appeal.objects.latest('pk').pk}")
    assert "Buy at mine." in main(driver)
    choose(driver, "spam")
    press(driver, "Breaks a rule: remove it")
    wait(driver, lambda: "the decision is overturned" in main(driver))
    open_page(driver, url, sam, f"mine/reports/{report.pk}")
    assert "The text was removed." in main(driver)
    assert driver.get_log("browser") == []
