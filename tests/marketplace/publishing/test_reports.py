"""The report in its three forms: the same facts, and nothing in a bundle becomes a part of the page."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from marketplace.publishing.models import Report
from marketplace.publishing.reporting import body_of, read_body
from marketplace.publishing.telling import RENDERERS, as_html, as_text
from tests.marketplace.factories import NOW
from tests.marketplace.publishing.bundle import Bundles

pytestmark = pytest.mark.full_on("postgresql")  # test_constraints.py is about the database

HOSTILE = "\"'><script src=//evil.example></script><b onmouseover=alert(1)>&{{ 1|add:1 }}"
UNSHOWN = {"format", "kind", "confirmed", "assumed_items", "equal", "bounds", "change", "id"}


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.said: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attributes}

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    @property
    def text(self) -> str:
        return "".join(self.said)


def strings_in(value: Any, name: str = "") -> Iterator[str]:
    """Texts that an approver needs. What people read of decisions is their outcome, rule and message."""
    if name in ("old_decision", "new_decision") and value:
        value = {key: value[key] for key in ("outcome", "rule", "message")}
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in UNSHOWN:
                yield from strings_in(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from strings_in(each, name)
    elif isinstance(value, str):
        yield value


def hostile(value: Any) -> Any:
    """The same with hostile texts, but for the words that Comity itself chose."""
    if isinstance(value, dict):
        kept = ("kind", "status", "now", "change", "format")
        return {key: each if key in kept else hostile(each) for key, each in value.items()}
    if isinstance(value, list):
        return [hostile(each) for each in value]
    return HOSTILE if isinstance(value, str) else value


@pytest.fixture
def report(shop: Bundles, first: Any) -> Report:
    """About a change with something in each part."""
    shop.edit("value: 100", "value: 200")
    shop.edit("A fee is due.", "Please pay <b>now</b> & here.")
    (shop.folder / "policies" / "claims.yaml").write_text(
        "claims:\n  - {id: tiny-is-free, policy: fees, because: test, never: 'outcome == \"fee\" && amount < 1'}\n"
    )
    return shop.report(shop.publish(git_authors=[("Zoe <zoe>", "zoe@else.example")]))


def test_text_json_and_page_have_the_same_facts(report: Report) -> None:
    body = read_body(report.body)
    assert [edit["policy"] for edit in body["edits"]] == ["fees", "fees"]
    assert body["difference"]["changes"]
    assert (body["claims_removed"], [claim["claim"] for claim in body["claims"]]) == (
        ["small-is-free"],
        ["tiny-is-free"],
    )
    page = Page(as_html(report)).text
    ways = len(body["difference"]["changes"])
    assert f"Claims are removed or changed. Decisions differ in {ways} way" in page
    assert json.loads(RENDERERS["json"](report)) == {"digest": report.digest, "report": body}
    assert [line for line in as_text(report).splitlines() if line.strip() not in page] == []
    unsaid = {text for text in strings_in(body) if text not in page}
    assert unsaid == set()


def test_nothing_in_a_bundle_becomes_a_part_of_the_page(report: Report) -> None:
    body = hostile(read_body(report.body))
    text, digest = body_of(body)
    planted = Report(
        publication=report.publication,
        base=report.base,
        base_digest=HOSTILE,
        change=report.change,
        not_proven=2,
        digest=digest,
        body=text,
        made_at=NOW,
    )
    plain, page = Page(as_html(report)), Page(as_html(planted))
    assert set(page.tags) <= {*plain.tags, "p"}
    assert page.attributes == plain.attributes == {
        "lang", "charset", "name", "content", "http-equiv", "scope", "class",
    }  # fmt: skip
    assert HOSTILE in page.text
    assert "script" not in page.tags
    assert re.search(r"(?i)https?:|src=|href=|url\(", as_html(report)) is None  # one page, complete in itself


@pytest.mark.parametrize(
    ("missing", "verdict"),
    [
        ([], "Claims are removed or changed. No decision differs."),
        (
            [{"policy": "fees", "kind": "outcome", "old": "fee", "new": "free", "why": "the time was over"}],
            "Claims are removed or changed. No other decision was found, and not all can be excluded.",
        ),
    ],
)
def test_page_says_first_whether_decisions_differ(report: Report, missing: list[Any], verdict: str) -> None:
    body = read_body(report.body)
    body["difference"] |= {"changes": [], "not_proven": missing}
    report.body = body_of(body)[0]
    page = Page(as_html(report)).text
    assert page.index(verdict) < page.index("What was edited")
    assert ("the time was over" in page) == bool(missing)


def test_page_says_what_is_not_proven_without_a_solver(
    shop: Bundles, first: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.claims.extra.is_installed", lambda: False)
    shop.edit("value: 100", "value: 77")  # not yet known with proofs
    report = shop.report(shop.publish())
    page = Page(as_html(report)).text
    assert "Not proven: 1" in page
    assert "Nobody knows: the decisions were not compared." in page
    assert "They were not proven, since that needs a solver." in page
