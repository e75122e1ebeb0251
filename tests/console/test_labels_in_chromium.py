"""By keyboard alone and without JavaScript, a moderator labels a text of the blind sample, in a real browser."""

from typing import Any

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from marketplace.accounts.models import User
from marketplace.tuning.models import Label, SampleText
from tests.console.browser import wait
from tests.console.test_changes_in_chromium import press
from tests.console.test_labels import sample  # noqa: F401
from tests.console.test_queue_in_chromium import choose, main, sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chromium]


def test_text_is_opened_and_labelled(
    browser_without_javascript: WebDriver,
    live_server: Any,
    moderator: User,
    sample: SampleText,  # noqa: F811
) -> None:
    driver = browser_without_javascript
    sign_in(driver, live_server.url, moderator)
    driver.get(f"{live_server.url}/console/moderation/queue")
    press(driver, "Label texts of the blind sample")
    assert "oak" not in driver.page_source
    press(driver, "Show the text")
    assert "Is it <oak>?" in main(driver)
    choose(driver, "spam")
    choose(driver, "insult")
    press(driver, "Give this label")
    wait(driver, lambda: "Labelled: insult, spam." in main(driver))
    assert "Nothing waits for your label." in main(driver)
    assert Label.objects.get().categories == ["insult", "spam"]
