"""Browser tests of the "Try a text" page: with and without JavaScript, on a narrow screen, and by keyboard."""

from collections.abc import Callable, Iterator

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from marketplace.accounts.models import User
from tests.console.browser import wait
from tests.console.conftest import PASSWORD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chromium]

TEXT = "This is profanity:0.9,\nand threat:0.85 <b>bold</b>"
THREAT = "thresholds[normal/threat].block"
PROFANITY = "thresholds[normal/profanity].block"

Open = Callable[[WebDriver], WebDriver]


@pytest.fixture
def sign_in(live_server, moderator: User) -> Open:
    """Signs in through the form, without cookies."""

    def open_page(driver: WebDriver) -> WebDriver:
        driver.get(f"{live_server.url}/console/sign-in")
        driver.delete_all_cookies()
        driver.get(f"{live_server.url}/console/moderation/try")
        driver.find_element(By.NAME, "username").send_keys("max")
        driver.find_element(By.NAME, "password").send_keys(PASSWORD + Keys.ENTER)
        wait(driver, lambda: driver.find_elements(By.ID, "text"))
        return driver

    return open_page


@pytest.fixture
def driver(browser: WebDriver, sign_in: Open) -> Iterator[WebDriver]:
    browser.get_log("browser")  # drop messages of earlier tests
    yield sign_in(browser)
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def examine(driver: WebDriver, text: str) -> None:
    driver.find_element(By.ID, "text").send_keys(text)
    driver.find_element(By.XPATH, "//button[text()='Examine']").click()
    wait(driver, lambda: driver.find_elements(By.ID, "outcome-normal"))


def outcomes(driver: WebDriver) -> list[tuple[str, str]]:
    """The outcome and rule of both modes, read in one step, since the script may be replacing them."""
    rows = driver.execute_script(
        "return ['normal', 'dispute'].map(mode => ['.outcome', '.rule']"
        ".map(part => document.querySelector(`#outcome-${mode} ${part}`).textContent))"
    )
    return [(outcome, rule) for outcome, rule in rows]


def field(driver: WebDriver, name: str) -> WebElement:
    return driver.find_element(By.ID, name)


def turn(driver: WebDriver, name: str, value: str) -> None:
    field(driver, name).send_keys(Keys.CONTROL, "a", Keys.NULL, value)


def assert_console_is_clean(driver: WebDriver) -> None:
    """The browser console must be empty: no CSP violations, failed loads or script errors."""
    assert driver.get_log("browser") == []


def test_changed_threshold_changes_the_decision_at_once(driver):
    examine(driver, TEXT)

    shown = driver.find_element(By.CSS_SELECTOR, ".text")
    marked = [(m.text, m.get_attribute("class")) for m in shown.find_elements(By.TAG_NAME, "mark")]
    assert marked == [("profanity:0.9", "profanity"), ("threat:0.85", "threat")]
    assert shown.text == "This is profanity:0.9,\nand threat:0.85 <b>bold</b>"
    assert outcomes(driver) == [("Block", "blocked (normal, threat)"), ("Block", "blocked (dispute, threat)")]

    driver.find_element(By.CSS_SELECTOR, "#why-normal summary").click()
    turn(driver, THREAT, "0.88")
    wait(driver, lambda: outcomes(driver)[0] == ("Block", "blocked (normal, profanity)"))
    turn(driver, PROFANITY, "0.95")
    wait(driver, lambda: outcomes(driver)[0] == ("Flag", "uncertain (normal, threat)"))

    assert outcomes(driver)[1] == ("Block", "blocked (dispute, threat)")
    assert "With your settings. In force: block" in driver.find_element(By.ID, "outcome-normal").text
    assert driver.switch_to.active_element == field(driver, PROFANITY)
    assert driver.find_element(By.CSS_SELECTOR, "#why-normal details").get_attribute("open") == "true"
    assert driver.find_element(By.ID, "text").get_property("value") == TEXT
    assert_console_is_clean(driver)


@pytest.mark.full
def test_page_works_without_javascript(browser_without_javascript, sign_in):
    driver = sign_in(browser_without_javascript)
    examine(driver, "threat:0.85")
    # The driver cannot run scripts here either, so the page is read element by element.
    assert driver.find_element(By.CSS_SELECTOR, "#outcome-normal .outcome").text.endswith("Block")

    turn(driver, THREAT, "0.88")
    driver.find_element(By.XPATH, "//button[text()='Decide with these settings']").click()
    wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "#outcome-normal .flag"))
    assert field(driver, THREAT).get_property("value") == "0.88"

    driver.find_element(By.XPATH, "//button[text()='Reset to the settings in force']").click()
    wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "#outcome-normal .block"))
    assert field(driver, THREAT).get_property("value") == "0.80"


@pytest.mark.full
@pytest.mark.parametrize("width", [360, 1280])
def test_page_fits_the_window(driver, width):
    window = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", window)
    examine(driver, "profanity:0.9 " * 20 + "x" * 200)

    page_width, room = driver.execute_script(
        "const root = document.documentElement; return [root.scrollWidth, root.clientWidth]"
    )
    assert page_width == room
    left = [driver.find_element(By.ID, f"mode-{mode}").rect["x"] for mode in ("normal", "dispute")]
    assert (left[0] == left[1]) is (width == 360)


@pytest.mark.full
def test_every_field_has_a_label_and_the_first_stop_skips_the_header(driver):
    examine(driver, "spam:0.6")
    inputs = driver.find_elements(By.CSS_SELECTOR, "main input:not([type=hidden]), main textarea")
    names = [element.accessible_name for element in inputs]
    assert len(names) == len(set(names)) > 36
    assert "" not in names

    driver.get(driver.current_url)
    driver.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert driver.switch_to.active_element.text == "Skip to the content"


@pytest.mark.full
def test_honors_dark_mode_and_reduced_motion(driver):
    def look() -> tuple[str, str]:
        read = "const style = getComputedStyle(document.querySelector({})); return style.{}"
        background = driver.execute_script(read.format("'html'", "backgroundColor"))
        return background, driver.execute_script(read.format("'.primary'", "transitionDuration"))

    def emulate(scheme: str, motion: str) -> None:
        features = [("prefers-color-scheme", scheme), ("prefers-reduced-motion", motion)]
        media = {"features": [{"name": name, "value": value} for name, value in features]}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    emulate("light", "no-preference")
    light, moving = look()
    emulate("dark", "reduce")
    dark, still = look()
    assert light != dark
    assert (moving, still) == ("0.15s, 0.15s", "0s")
