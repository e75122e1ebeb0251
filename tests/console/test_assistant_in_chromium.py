"""The floating assistant in a real browser: tab lifetime, expiry, and a second browser."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from marketplace.assistant.models import Conversation, Message
from tests.console.browser import start, wait
from tests.console.conftest import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chromium]

QUESTION = "Why is the chat locked?"
ENDED = "This conversation has ended. Nothing was stored."

Visit = Callable[..., WebDriver]


@pytest.fixture
def other_browser(tmp_path: Path) -> Iterator[WebDriver]:
    yield from start(tmp_path)


@pytest.fixture
def visit(live_server: Any) -> Visit:
    """Opens the demo page without cookies."""

    def open_page(driver: WebDriver) -> WebDriver:
        driver.get(f"{live_server.url}/assistant/demo")
        driver.delete_all_cookies()
        driver.execute_script("sessionStorage.clear()")
        driver.get_log("browser")  # drop messages of earlier tests
        return load(driver, lambda: driver.get(f"{live_server.url}/assistant/demo"))

    return open_page


@pytest.fixture
def driver(browser: WebDriver, visit: Visit) -> Iterator[WebDriver]:
    yield visit(browser)
    while len(browser.window_handles) > 1:
        browser.close()
        browser.switch_to.window(browser.window_handles[0])
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def load(driver: WebDriver, act: Callable[[], object]) -> WebDriver:
    act()
    wait(driver, lambda: driver.execute_script("return document.getElementById('assistant')?.dataset.ready"))
    return driver


def sign_in(driver: WebDriver) -> None:
    driver.find_element(By.LINK_TEXT, "Sign in").click()
    wait(driver, lambda: driver.find_elements(By.NAME, "username"))
    driver.find_element(By.NAME, "username").send_keys("max")
    driver.find_element(By.NAME, "password").send_keys(PASSWORD)
    load(driver, lambda: driver.find_element(By.NAME, "password").send_keys(Keys.ENTER))
    wait(driver, lambda: ready(driver) == "inbox")


def ready(driver: WebDriver) -> str:
    return driver.execute_script("return document.getElementById('assistant')?.dataset.ready")


def launcher(driver: WebDriver) -> Any:
    return driver.find_element(By.CSS_SELECTOR, ".launcher")


def said(driver: WebDriver) -> list[str]:
    """The texts of the conversation log, as a screen reader reads them."""
    return driver.execute_script(
        "return [...document.querySelectorAll('.log .said')].map(element => element.textContent)"
    )


def ask(driver: WebDriver, text: str) -> None:
    if launcher(driver).get_attribute("aria-expanded") == "false":
        launcher(driver).click()
    before = len(said(driver))
    driver.find_element(By.ID, "assistant-input").send_keys(text + Keys.ENTER)
    wait(driver, lambda: len(said(driver)) >= before + 2)
    wait(driver, lambda: driver.find_element(By.CSS_SELECTOR, "form.ask button").is_enabled())


def assert_console_is_clean(driver: WebDriver) -> None:
    """The browser console must be empty: no CSP violations, failed loads or script errors."""
    assert driver.get_log("browser") == []


def test_logged_out_it_survives_reload_and_navigation_and_is_gone_in_a_new_tab(driver, live_server):
    ask(driver, QUESTION)
    conversation = said(driver)
    assert conversation[1] == f"You: {QUESTION}"
    assert "Then their chat is locked for good" in conversation[2]

    load(driver, driver.refresh)
    assert said(driver) == conversation[1:]
    load(driver, lambda: driver.find_element(By.ID, "walk").click())
    wait(driver, lambda: said(driver) == conversation[1:])
    assert launcher(driver).get_attribute("aria-expanded") == "true"
    ask(driver, "Why?")  # the server knows the topic from the state that the page sends
    assert said(driver)[3] == conversation[2]

    driver.switch_to.new_window("tab")
    load(driver, lambda: driver.get(f"{live_server.url}/assistant/demo"))
    [greeting] = said(driver)
    assert greeting.startswith("Assistant: Hello!")
    assert (Conversation.objects.count(), Message.objects.count()) == (0, 0)
    assert_console_is_clean(driver)


def test_time_that_is_up_ends_it_on_the_page(driver):
    ask(driver, QUESTION)
    driver.execute_script(
        "const kept = JSON.parse(sessionStorage.assistant);"
        "sessionStorage.assistant = JSON.stringify({...kept, expiresAt: new Date(Date.now() + 1500).toISOString()})"
    )
    load(driver, driver.refresh)
    assert len(said(driver)) == 2
    wait(driver, lambda: said(driver) == [f"Notice: {ENDED}"])
    load(driver, driver.refresh)
    assert len(said(driver)) == 1
    assert QUESTION not in driver.execute_script("return sessionStorage.assistant")


@pytest.mark.full
def test_time_that_is_up_ends_it_on_the_server_whatever_the_page_says(driver, monkeypatch):
    ask(driver, QUESTION)
    later = datetime.now(UTC) + timedelta(minutes=31)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    ask(driver, "Why?")
    assert said(driver)[-1] == "Notice: This conversation cannot be found. Please start a new one."
    assert driver.execute_script("return JSON.parse(sessionStorage.assistant).state") is None
    ask(driver, QUESTION)
    assert "locked for good" in said(driver)[-1]


@pytest.mark.full  # a second browser costs as much as all other tests here
def test_logged_in_it_is_in_the_inbox_of_another_browser(driver, other_browser, visit, moderator):
    sign_in(driver)
    ask(driver, "Can I review my walnut desk?")
    answer = said(driver)[-1]

    elsewhere = visit(other_browser)
    sign_in(elsewhere)
    launcher(elsewhere).click()
    elsewhere.find_element(By.XPATH, "//button[text()='Inbox']").click()
    wait(elsewhere, lambda: elsewhere.find_elements(By.CSS_SELECTOR, ".inbox .open"))
    assert not elsewhere.find_element(By.CSS_SELECTOR, ".log").is_displayed()
    [row] = elsewhere.find_elements(By.CSS_SELECTOR, ".inbox .open")
    assert row.text == "Can I review my walnut desk?"
    row.click()
    wait(elsewhere, lambda: said(elsewhere) == ["You: Can I review my walnut desk?", answer])
    wait(elsewhere, lambda: elsewhere.switch_to.active_element.get_attribute("id") == "assistant-input")

    # The reply to this is unread here until it is displayed.
    ask(elsewhere, "How do I confirm a sale?")
    Conversation.objects.update(read_seq=2)
    load(driver, driver.refresh)
    wait(driver, lambda: len(said(driver)) == 4)
    wait(driver, lambda: Conversation.objects.get().read_seq == 4)
    assert_console_is_clean(driver)
    assert_console_is_clean(elsewhere)


@pytest.mark.full
def test_owner_deletes_a_conversation_from_the_inbox(driver, moderator):
    sign_in(driver)
    ask(driver, "Can I review my walnut desk?")
    driver.find_element(By.XPATH, "//button[text()='Inbox']").click()
    wait(driver, lambda: driver.find_elements(By.XPATH, "//button[text()='Delete']"))
    driver.find_element(By.XPATH, "//button[text()='Delete']").click()
    driver.switch_to.alert.accept()
    wait(driver, lambda: "Your inbox is empty." in driver.find_element(By.CSS_SELECTOR, ".inbox").text)
    assert Message.objects.count() == 0


def test_logging_in_brings_nothing_along(driver, moderator):
    ask(driver, QUESTION)
    assert driver.get_cookie("asst") is not None
    sign_in(driver)
    [greeting] = said(driver)
    assert greeting.startswith("Assistant: Hello!")
    assert QUESTION not in driver.execute_script("return sessionStorage.assistant")
    assert driver.get_cookie("asst") is None
    assert Conversation.objects.count() == 0


def test_keyboard_is_enough(driver):
    launcher(driver).send_keys(Keys.ENTER)
    assert driver.switch_to.active_element.get_attribute("id") == "assistant-input"
    assert driver.switch_to.active_element.accessible_name == "Your question"
    driver.switch_to.active_element.send_keys(QUESTION + Keys.ENTER)
    wait(driver, lambda: len(said(driver)) == 3)
    names = [
        element.accessible_name
        for element in driver.find_elements(By.CSS_SELECTOR, "#assistant button, #assistant input")
        if element.is_displayed()
    ]
    assert "" not in names
    driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert driver.switch_to.active_element == launcher(driver)
    assert launcher(driver).get_attribute("aria-expanded") == "false"


@pytest.mark.full
def test_suggested_question_is_asked_by_a_click(driver):
    launcher(driver).click()
    driver.find_element(By.XPATH, "//button[text()='How do I confirm a sale?']").click()
    wait(driver, lambda: len(said(driver)) == 3)
    assert said(driver)[1] == "You: How do I confirm a sale?"


@pytest.mark.full
@pytest.mark.parametrize("width", [320, 1280])
def test_panel_fits_the_window(driver, width):
    window = {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", window)
    ask(driver, "x" * 300)
    panel = driver.find_element(By.ID, "assistant-panel").rect
    assert panel["x"] >= 0
    assert panel["y"] >= 0
    assert panel["x"] + panel["width"] <= width
    scroll, room = driver.execute_script(
        "const root = document.documentElement; return [root.scrollWidth, root.clientWidth]"
    )
    assert scroll == room


@pytest.mark.full
def test_honors_dark_mode_and_reduced_motion(driver):
    launcher(driver).click()

    def look(scheme: str, motion: str) -> tuple[str, str]:
        features = [("prefers-color-scheme", scheme), ("prefers-reduced-motion", motion)]
        media = {"features": [{"name": name, "value": value} for name, value in features]}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        read = "const s = getComputedStyle(document.querySelector('.panel')); return [s.backgroundColor, s.animationName]"
        return tuple(driver.execute_script(read))

    light, moving = look("light", "no-preference")
    dark, still = look("dark", "reduce")
    assert light != dark
    assert (moving, still) == ("assistant-rises", "none")


def test_message_that_is_refused_is_marked_and_stays_to_be_changed(driver):
    ask(driver, "threat:0.99")
    asked, notice = said(driver)[1:]
    assert asked == "You, not sent: threat:0.99"
    assert notice.startswith("Notice: Your message was not sent")
    assert driver.find_element(By.ID, "assistant-input").get_property("value") == "threat:0.99"


def test_unreachable_server_is_reported(driver):
    launcher(driver).click()
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
    )
    try:
        ask(driver, QUESTION)
        assert said(driver)[1:] == [
            f"You, not sent: {QUESTION}",
            "Notice: The assistant cannot be reached. Please try again in a moment.",
        ]
    finally:
        driver.execute_cdp_cmd(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
        )
    driver.find_element(By.ID, "assistant-input").clear()
    ask(driver, QUESTION)
    assert "locked for good" in said(driver)[-1]


@pytest.mark.full
def test_end_of_the_conversation_stays_in_sight_when_there_is_less_room(driver):
    for height in (900, 400):
        window = {"width": 360, "height": height, "deviceScaleFactor": 1, "mobile": True}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", window)
        if height == 900:
            ask(driver, QUESTION)
    read = "const log = document.querySelector('.log'); return log.scrollHeight - log.scrollTop - log.clientHeight"
    wait(driver, lambda: driver.execute_script(read) < 2)
    assert driver.execute_script("return document.querySelector('.log').scrollTop") > 0


@pytest.mark.full
def test_answers_that_were_not_read_are_counted_on_the_button(driver, moderator):
    sign_in(driver)
    ask(driver, QUESTION)
    Conversation.objects.update(read_seq=0)
    driver.execute_script("sessionStorage.clear()")
    load(driver, driver.refresh)
    assert launcher(driver).accessible_name == "Ask the assistant 1 unread"
