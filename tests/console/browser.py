"""Headless Chromium from Debian, driven by its own chromedriver."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.wait import WebDriverWait

from tests.needs import needs

# The browser may contact only this machine.
FLAGS = [
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--renderer-process-limit=1",  # starting a process for each page would be most of the work
]
SECONDS = 60


@contextmanager
def chromium(profile: Path) -> Iterator[WebDriver]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox refuses root
    for flag in [*FLAGS, *sandbox, f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


def start(folder: Path) -> Iterator[WebDriver]:
    needs("chromium", "chromedriver", packages="chromium and chromium-driver")
    with chromium(folder / "profile") as driver:
        yield driver


def wait(driver: WebDriver, condition: Callable[[], object]) -> None:
    WebDriverWait(driver, SECONDS, poll_frequency=0.05).until(lambda _: condition())
