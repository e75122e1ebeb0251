"""The desk in a real browser: an owner reads, searches, tries and shares; every page fits a phone."""

import pytest
from django.db import transaction
from django.utils import timezone
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from decisions import Subject, decide
from marketplace.accounts.models import Role, User
from tests.conftest import SIZE
from tests.console.browser import wait
from tests.console.conftest import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chromium]

CHAT = {"author_id": "1", "buyer_id": "1", "seller_id": "2", "locked_at": None}
PHONE = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
PAGES = [
    *("", "policies", "policies?q=hold", "policies/moderation_profiles", "policies/chat/compare?old=1&new=1"),
    *(
        "try",
        "decisions?policy=chat",
        "changes",
        "try/moderation_profiles",
        "changes/publish",
        "try/review_eligibility",
    ),
]


@pytest.fixture
def owner(browser: WebDriver, live_server, db) -> WebDriver:
    User.objects.create_user("pia", password=PASSWORD, role=Role.POLICY_OWNER)
    with transaction.atomic():
        decide("chat", CHAT, now=timezone.now(), subject=Subject("chat", 1, 1), record=True)
    browser.get(f"{live_server.url}/console/sign-in")
    browser.delete_all_cookies()
    browser.get(f"{live_server.url}/console/")
    browser.find_element(By.NAME, "username").send_keys("pia")
    browser.find_element(By.NAME, "password").send_keys(PASSWORD + Keys.ENTER)
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "svg.bars"))
    browser.get_log("browser")
    return browser


def click(driver: WebDriver, text: str) -> None:
    before = driver.find_element(By.TAG_NAME, "html")
    driver.find_element(By.LINK_TEXT, text).click()
    wait(driver, lambda: driver.find_element(By.TAG_NAME, "html") != before)


def heading(driver: WebDriver) -> str:
    return driver.find_element(By.TAG_NAME, "h1").text


def test_owner_reads_asks_why_tries_and_shares(owner):
    click(owner, "Policies")
    owner.find_element(By.ID, "q").send_keys("locked for good" + Keys.ENTER)
    wait(owner, lambda: owner.find_elements(By.CLASS_NAME, "hits"))
    click(owner, "Chat: policy chat")
    assert heading(owner) == "Chat"
    click(owner, "Decisions")
    click(owner, "allow chat")
    assert "participant decides: allow" in owner.find_element(By.TAG_NAME, "main").text
    click(owner, "Try with these facts")
    assert owner.find_element(By.ID, "fact-author_id").get_property("value") == "1"
    owner.find_element(By.ID, "fact-author_id").send_keys(Keys.CONTROL, "a", Keys.NULL, "9", Keys.ENTER)
    wait(owner, lambda: owner.find_elements(By.CSS_SELECTOR, ".verdict .outcome"))
    assert owner.find_element(By.CSS_SELECTOR, ".verdict .outcome").text.endswith("Deny")

    link = owner.find_element(By.ID, "link").get_property("href")
    owner.get("about:blank")
    owner.get(link)
    wait(owner, lambda: owner.find_elements(By.CSS_SELECTOR, ".verdict .outcome"))
    assert owner.find_element(By.ID, "fact-author_id").get_property("value") == "9"
    assert "#facts" not in owner.current_url
    assert owner.get_log("browser") == []


def test_pages_fit_a_phone_and_name_their_controls(owner, live_server):
    owner.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    try:
        for path in PAGES[:: 1 if SIZE == "full" else 4]:
            owner.get(f"{live_server.url}/console/{path}")
            root = "const root = document.documentElement; return root.scrollWidth - root.clientWidth"
            assert owner.execute_script(root) == 0, path
            controls = owner.find_elements(
                By.CSS_SELECTOR, "main input:not([type=hidden]), main select, main textarea, main button"
            )
            assert all(control.accessible_name for control in controls if control.is_displayed()), path
    finally:
        owner.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
