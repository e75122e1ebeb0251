"""axe-core finds no serious violation on any page of the console, at both widths, light and dark."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from selenium.webdriver.remote.webdriver import WebDriver

from benchmarks.labelled import make_samples, store
from decisions import Subject, decide
from marketplace.accounts.models import Role, User
from marketplace.accounts.reset_links import reset_links
from marketplace.chats.models import Message
from marketplace.chats.services import send_message
from marketplace.desk.appealing import appeal_decision, rule_on_appeal
from marketplace.desk.reporting import report_text
from marketplace.moderation.models import AppealVerdict, QueueItem, Verdict
from marketplace.moderation.reviewing import claim_item, resolve_item
from marketplace.publishing.models import Publication
from marketplace.publishing.services import break_glass
from marketplace.tuning.models import LabelledSet, SampleText, Source
from marketplace.tuning.sets import examine_again, find_set
from tests.clients.conftest import HERE
from tests.console.browser import wait
from tests.console.conftest import (  # noqa: F401
    ann,
    bob,
    browser,
    carl,
    chromium,
    closed_page,
    compiled,
    eve,
    first,
    folder,
    shop,
)
from tests.console.test_home import flag
from tests.console.test_rules import TEXTS, fill_with_drift
from tests.marketplace.factories import LATER, NOW, make_order, make_product, make_user
from tests.marketplace.moderation.words import Words
from tests.marketplace.publishing.bundle import FEES, Bundles
from tests.marketplace.tuning.conftest import load
from tests.marketplace.tuning.milder import Milder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chromium]

WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(({violations}) => done(violations.flatMap(({id, impact, nodes}) =>
  ["serious", "critical"].includes(impact) ? nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`) : [])));
"""
CHAT = {"author_id": "1", "buyer_id": "1", "seller_id": "2", "locked_at": None}


@pytest.fixture
def axe() -> str:
    return (HERE / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture
def page(browser: WebDriver, live_server: Any, axe: str) -> Iterator[Any]:  # noqa: F811
    """Opens a path and returns the serious violations of each width and color scheme."""

    def violations(path: str) -> list[tuple[str, int, str, str]]:
        browser.get(f"{live_server.url}{path}")
        return look(browser, axe, path)

    yield violations
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def look(driver: WebDriver, axe: str, path: str) -> list[tuple[str, int, str, str]]:
    driver.execute_script(axe)
    found = []
    for width in WIDTHS:
        window = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", window)
        for scheme in SCHEMES:
            wanted = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
            features = [{"name": name, "value": value} for name, value in wanted.items()]
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
            found += [(path, width, scheme, violation) for violation in driver.execute_async_script(RUN)]
    return found


def sign_in(driver: WebDriver, url: str, user: User | None) -> None:
    driver.get(f"{url}/console/reset")
    driver.delete_all_cookies()
    if user is not None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        driver.add_cookie({"name": name, "value": client.cookies[name].value})


def test_scan_finds_what_is_wrong(browser: WebDriver, axe: str) -> None:  # noqa: F811
    """Or it would prove nothing."""
    browser.get(
        "data:text/html,<html lang=en><title>x</title><main><h1>x</h1><img src=x><input></main></html>"
    )
    assert {violation.partition(":")[0] for *_, violation in look(browser, axe, "")} == {"image-alt", "label"}


def test_pages_about_policies_and_decisions(
    browser: WebDriver, live_server: Any, page: Any, axe: str  # noqa: F811
) -> None:  # fmt: skip
    max_ = make_user("max", Role.MODERATOR)
    flag(make_user("bea", Role.BUYER), urgent=True)
    store(make_samples(40), name="seed", now=timezone.now())
    with transaction.atomic():
        for facts in (CHAT, CHAT | {"author_id": "9"}, {}):
            decide("chat", facts, now=timezone.now(), subject=Subject("chat", 1, 1), record=True)
    sign_in(browser, live_server.url, max_)
    found = []
    for path in (
        "", "policies", "policies?q=hold", "policies/moderation_profiles", "policies/retention", "policies/review_eligibility",
        "policies/chat/compare?old=1&new=1", "decisions", "decisions?policy=chat&person=x", "decisions/2", "decisions/4", "try",
        "try/review_eligibility", "try/moderation_profiles", "moderation/try", "moderation/profiles",
        "moderation/profiles?thresholds[normal/threat].flag=0.4", "account", "account/password", "changes",
        "decisions/999",
    ):  # fmt: skip
        found += page(f"/console/{path}")
    browser.get(f"{live_server.url}/console/try/chat?decision=2")
    browser.find_element("css selector", ".primary").click()
    wait(browser, lambda: browser.find_elements("css selector", ".verdict .outcome"))
    found += look(browser, axe, "tried")
    browser.get(f"{live_server.url}/console/moderation/try")
    browser.find_element("id", "text").send_keys("threat:0.85 and profanity:0.9")
    browser.find_element("css selector", "#try .primary").click()
    wait(browser, lambda: browser.find_elements("id", "outcome-normal"))
    browser.execute_script("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    found += look(browser, axe, "tried text")
    assert found == []


def test_pages_of_the_queue(
    browser: WebDriver, live_server: Any, page: Any, axe: str, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    max_, bea, sam = (
        make_user("max", Role.MODERATOR),
        make_user("bea", Role.BUYER),
        make_user("sam", Role.SELLER),
    )
    order = make_order(bea, make_product(sam))
    texts = ("threat:0.6+reported", "spam:0.6 and more", "insult:0.5", "insult:0.6")
    items = [
        send_message(author=bea, chat_id=order.chat_id, text=text, now=NOW).queue_item.pk for text in texts
    ]
    for number in items[:3]:
        claim_item(moderator=max_, item_id=number, now=NOW)
    resolve_item(moderator=max_, item_id=items[2], verdict=Verdict.UPHOLD, reason="Seen.", now=NOW)
    sign_in(browser, live_server.url, max_)
    found = []
    for path in ("", "?category=spam&state=claimed", "?state=resolved", *(f"/{number}" for number in items)):
        found += page(f"/console/moderation/queue{path}")
    monkeypatch.setattr("marketplace.tuning.sets.lot_of", lambda *_: 0.0)
    found += _label_page(browser, page, axe)
    removed = QueueItem.objects.get(pk=items[2])
    appeal = appeal_decision(appellant=bea, decision_id=removed.decision_id, because="misread", now=LATER)
    mia = make_user("mia", Role.MODERATOR)
    found += page(f"/console/moderation/appeals/{appeal.pk}")
    sign_in(browser, live_server.url, mia)
    found += page("/console/moderation/appeals") + page(f"/console/moderation/appeals/{appeal.pk}")
    rule_on_appeal(
        moderator=mia, appeal_id=appeal.pk, verdict=AppealVerdict.OVERTURN, reason="Harmless.", now=LATER
    )
    for path in (f"appeals/{appeal.pk}", "guide"):
        found += page(f"/console/moderation/{path}")
    assert found == []


def test_pages_of_authors_and_reporters(browser: WebDriver, live_server: Any, page: Any) -> None:  # noqa: F811
    max_, bea, sam = (
        make_user("max", Role.MODERATOR),
        make_user("bea", Role.BUYER),
        make_user("sam", Role.SELLER),
    )
    chat = make_order(bea, make_product(sam)).chat_id
    now = timezone.now()
    held = send_message(author=bea, chat_id=chat, text="threat:0.9+classifier", now=now).queue_item
    removed = send_message(author=bea, chat_id=chat, text="insult:0.6", now=now).queue_item
    claim_item(moderator=max_, item_id=removed.pk, now=now)
    removed = resolve_item(
        moderator=max_, item_id=removed.pk, verdict=Verdict.UPHOLD, reason="Seen.", now=now
    )
    appeal_decision(appellant=bea, decision_id=removed.ruling_id, because="misread", now=now)
    left = send_message(author=bea, chat_id=chat, text="Is it oak?", now=now)
    report = report_text(reader=sam, kind="chat_message", text_id=left.pk, because="spam", now=now)
    claim_item(moderator=max_, item_id=report.item_id, now=now)
    resolve_item(moderator=max_, item_id=report.item_id, verdict=Verdict.OVERTURN, reason="Fine.", now=now)
    found = []
    sign_in(browser, live_server.url, bea)
    for path in (
        "",
        "?show=appeals",
        "?show=reports",
        f"/decisions/{held.decision_id}",
        f"/decisions/{removed.ruling_id}",
    ):
        found += page(f"/console/mine{path}")
    sign_in(browser, live_server.url, sam)
    for path in ("?show=reports", f"/reports/{report.pk}"):
        found += page(f"/console/mine{path}")
    assert found == []


def test_page_of_rules_and_detectors(browser: WebDriver, live_server: Any, page: Any, axe: str) -> None:  # noqa: F811
    load(TEXTS, pipeline=Words())
    examine_again(find_set("texts"), Milder(), now=timezone.now())
    fill_with_drift()
    sign_in(browser, live_server.url, make_user("max", Role.MODERATOR))
    found = (
        page("/console/")
        + page("/console/moderation/rules")
        + page("/console/moderation/rules?compare=yes&share=usual")
    )
    browser.execute_script("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    found += look(browser, axe, "all details")
    browser.find_element("css selector", "form[action$='#opened'] button").click()
    wait(browser, lambda: browser.find_elements("id", "opened"))
    found += look(browser, axe, "opened")
    assert found == []


def _label_page(driver: WebDriver, page: Any, axe: str) -> list[tuple[str, int, str, str]]:
    """Before a text is opened, and then with it."""
    message = Message.objects.order_by("pk").first()
    assert message is not None
    LabelledSet.objects.create(name="texts", version=1, made_at=NOW)
    place = {"kind": "chat_message", "text_id": message.pk, "author": message.author, "wanted": 1}
    SampleText.objects.create(name="texts", since=1, source=Source.BLIND, mode="normal", **place)
    found: list[tuple[str, int, str, str]] = page("/console/moderation/label")
    driver.find_element("css selector", ".veil button").click()
    wait(driver, lambda: driver.find_elements("css selector", ".step fieldset"))
    return found + look(driver, axe, "text to label")


def test_pages_of_everybody(browser: WebDriver, live_server: Any, page: Any) -> None:  # noqa: F811
    sign_in(browser, live_server.url, None)
    found = [
        each
        for path in ("/", "/console/sign-in", "/console/reset", "/console/reset/asked")
        for each in page(path)
    ]
    bea = make_user("bea", Role.BUYER)
    number, token = urlsafe_base64_encode(force_bytes(bea.pk)), reset_links.make_token(bea)
    for path in (f"/console/reset/{number}/{token}", f"/console/reset/{number}/expired"):
        found += page(path)
    sign_in(browser, live_server.url, bea)
    for path in ("/console/policies", "/assistant/demo", "/problems"):
        found += page(path)
    assert found == []


def test_pages_about_changes(
    browser: WebDriver, live_server: Any, page: Any, shop: Bundles, first: Publication, ann: User, bob: User, carl: User,  # noqa: F811
    eve: User, axe: str, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    found = []
    sign_in(browser, live_server.url, ann)
    found += page("/console/changes/publish")
    (tmp_path / "fees.yaml").write_text(FEES.replace("amount <=", "amont <="))
    browser.find_element("id", "policies").send_keys(str(tmp_path / "fees.yaml"))
    browser.find_element("css selector", "main .primary").click()
    wait(browser, lambda: browser.find_elements("id", "problems"))
    found += look(browser, axe, "refused")
    shop.edit("value: 100", "value: 200")
    shop.edit('message: "Up to', 'message: "All up to')
    second = shop.publish()
    sign_in(browser, live_server.url, carl)
    found += page(f"/console/changes/{second.pk}")
    shop.report(second)
    found += page(f"/console/changes/{second.pk}?texts=yes")
    shop.approve(second, shop.report(second))
    found += page(f"/console/changes/{second.pk}")
    sign_in(browser, live_server.url, eve)
    found += page(f"/console/changes/{second.pk}")
    shop.activate(second)
    third = shop.publish()
    break_glass(actor=bob, publication=third, reason="the shop is down", now=NOW)
    sign_in(browser, live_server.url, carl)
    for path in (
        "",
        "changes",
        f"changes/{third.pk}",
        f"changes/{first.pk}",
        "policies/fees",
        "policies/fees/compare?old=1&new=1",
    ):
        found += page(f"/console/{path}")
    assert found == []
