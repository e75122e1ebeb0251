"""The page about thresholds in a real browser: with a slider, without JavaScript, and all the way into force and back."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver

from benchmarks.labelled import make_samples, store
from console import profiles as page
from decisions import bundles
from engine.claims import extra
from marketplace.accounts.models import User
from marketplace.publishing.models import Publication
from marketplace.publishing.queries import active
from marketplace.publishing.services import activate, judge, make_report
from marketplace.publishing.standing import bundle_of
from marketplace.tuning.drafts import publish_draft, write_draft
from marketplace.tuning.recorded import read_recorded
from tests.console.browser import wait
from tests.marketplace.tuning.planted import BAD, GOOD, Values
from tests.marketplace.tuning.profiles_folder import make_folder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chromium]

THREAT = "thresholds[normal/threat].flag"


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    page._known_sets.clear()
    read_recorded.cache_clear()
    yield
    page._known_sets.clear()
    read_recorded.cache_clear()


@pytest.fixture
def enter(browser: WebDriver, live_server: Any) -> Callable[[User, str], None]:
    """Opens a path as somebody."""

    def entered(user: User, path: str) -> None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        browser.get(f"{live_server.url}/console/sign-in")
        browser.delete_all_cookies()
        browser.add_cookie({"name": name, "value": client.cookies[name].value})
        browser.get(f"{live_server.url}{path}")

    return entered


def text(driver: WebDriver, name: str) -> str:
    return str(driver.find_element(By.ID, name).text)


def press(driver: WebDriver, name: str) -> None:
    before = driver.find_element(By.TAG_NAME, "html")
    driver.find_element(By.XPATH, f"//button[normalize-space()='{name}']").click()
    wait(driver, lambda: driver.find_element(By.TAG_NAME, "html") != before)


def test_a_slider_redraws_the_numbers(
    browser: WebDriver, enter: Callable[[User, str], None], moderator: User
) -> None:
    store(make_samples(40), name="seed", now=timezone.now())
    browser.get_log("browser")
    enter(moderator, "/console/moderation/profiles")
    assert "as set here" not in text(browser, "live-sums")
    slider = browser.find_element(By.CSS_SELECTOR, f'[data-for="{THREAT}"]')
    slider.send_keys(*[Keys.ARROW_RIGHT] * 10)
    wait(browser, lambda: "as set here" in text(browser, "live-sums"))
    wait(browser, lambda: "0.40" in text(browser, "live-save"))
    assert browser.find_element(By.ID, THREAT).get_attribute("value") == "0.40"
    assert "flag%5D=0.40" in browser.current_url or "flag=0.40" in browser.current_url
    number = browser.find_element(By.ID, "thresholds[dispute/spam].block")
    other = browser.find_element(By.CSS_SELECTOR, '[data-for="thresholds[dispute/spam].block"]')
    other.send_keys(Keys.HOME)
    assert number.get_attribute("value") == "0.00"
    other.send_keys(Keys.END)
    assert number.get_attribute("value") == "2.00"
    assert browser.get_log("browser") == []


def test_texts_are_opened_with_the_thresholds_that_were_turned(
    browser: WebDriver, enter: Callable[[User, str], None], moderator: User
) -> None:
    store(make_samples(200), name="seed", now=timezone.now())
    enter(moderator, "/console/moderation/profiles")
    browser.find_element(By.CSS_SELECTOR, f'[data-for="{THREAT}"]').send_keys(*[Keys.ARROW_RIGHT] * 10)
    wait(browser, lambda: "0.40" in text(browser, "live-save"))
    browser.find_element(By.CSS_SELECTOR, "#live-normal-threat summary").click()
    show = browser.find_element(By.CSS_SELECTOR, '#live-normal-threat [form="open"]')
    numbers = str(show.get_attribute("value")).split()
    show.click()
    wait(browser, lambda: browser.find_elements(By.ID, "opened"))
    opened = browser.find_element(By.CSS_SELECTOR, '[aria-labelledby="opened"]').text
    assert opened.count(" of seed") == len(numbers) > 1
    assert browser.find_element(By.ID, THREAT).get_attribute("value") == "0.40"
    assert "as set here" in text(browser, "live-sums")


def test_a_check_is_over_when_a_slider_moves(
    browser: WebDriver, enter: Callable[[User, str], None], moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a solver, which takes seconds."""
    monkeypatch.setattr(extra, "is_installed", lambda: False)
    store(make_samples(40), name="seed", now=timezone.now())
    enter(moderator, f"/console/moderation/profiles?{urlencode({THREAT: '0.40'})}")
    press(browser, "Check only")
    assert "The promises could not be proven" in text(browser, "live-check")
    assert urlencode({THREAT: "0.40"}) in browser.current_url
    browser.find_element(By.CSS_SELECTOR, f'[data-for="{THREAT}"]').send_keys(Keys.ARROW_RIGHT)
    wait(browser, lambda: text(browser, "live-check") == "")


@pytest.mark.full
def test_numbers_are_enough_without_javascript(
    browser_without_javascript: WebDriver, enter: Callable[[User, str], None], moderator: User
) -> None:
    driver = browser_without_javascript
    store(make_samples(40), name="seed", now=timezone.now())
    enter(moderator, "/console/moderation/profiles")
    assert not driver.find_element(By.CSS_SELECTOR, f'[data-for="{THREAT}"]').is_displayed()
    number = driver.find_element(By.ID, THREAT)
    number.clear()
    number.send_keys("0.40", Keys.ENTER)
    wait(driver, lambda: "as set here" in text(driver, "live-sums"))
    press(driver, "Reset to the thresholds in force")
    assert "as set here" not in text(driver, "live-sums")


@pytest.mark.full
@pytest.mark.parametrize(("bad_name", "good_name"), list(zip(BAD, GOOD, strict=True)))
def test_a_bad_change_is_refused_and_a_good_one_goes_into_force_and_back(
    browser: WebDriver,
    enter: Callable[[User, str], None],
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    ann: User,
    carl: User,
    bad_name: str,
    good_name: str,
) -> None:
    folder = make_folder(tmp_path, settings, monkeypatch)
    first = _in_force(folder, ann, carl, monkeypatch)
    bad, claim = BAD[bad_name]
    enter(ann, _address(bad))
    press(browser, "Check and save as a draft")
    refused = text(browser, "main")
    assert claim.replace("-", " ").capitalize() in refused
    assert "The engine confirms" in refused
    assert Publication.objects.get() == first

    enter(ann, _address(GOOD[good_name]))
    press(browser, "Check and save as a draft")
    second = Publication.objects.exclude(pk=first.pk).get()
    press(browser, "Compare with the bundle in force")
    enter(carl, f"/console/changes/{second.pk}")
    press(browser, "Approve this bundle")
    enter(ann, f"/console/changes/{second.pk}")
    press(browser, "Put in force now")
    assert active().publication == second  # type: ignore[union-attr]
    press(browser, f"Roll back to bundle {first.pk}")
    assert active().publication == first  # type: ignore[union-attr]


def _address(values: Values) -> str:
    return "/console/moderation/profiles?" + "&".join(f"{name}={value}" for name, value in values.items())


def _in_force(folder: Path, ann: User, carl: User, monkeypatch: pytest.MonkeyPatch) -> Publication:
    """A bundle to roll back to, which the folder has, too."""
    now = timezone.now()
    with monkeypatch.context() as patching:
        patching.setattr(extra, "is_installed", lambda: False)
        publication = publish_draft(write_draft({"hard_limit": 0.94}, now=now), actor=ann, now=now)
        report = make_report(publication=publication, now=now)
        seen = {"bundle_digest": publication.digest, "report_digest": report.digest}
        judge(actor=carl, publication=publication, approves=True, **seen, now=now)
        activate(actor=ann, publication=publication, now=now)
    version = bundle_of(publication).version_at("moderation_profiles", now)
    (folder / "moderation_profiles.yaml").write_text(version.validated.policy.node.source.text)
    bundles.directory_at(folder).reload()
    return publication
