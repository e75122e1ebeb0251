"""Schedules of bundles, and the times of the versions in them: which bundle is in force, and which of its versions decides."""

from datetime import UTC, datetime
from typing import Any

import pytest

from documents.source import Source
from engine import Bundle, load_sources
from marketplace.publishing.files import store_texts
from marketplace.publishing.models import Activation, Kind, Publication, Report, Verdict, Withdrawal
from marketplace.publishing.queries import active

VERSION = """\
policy: fees
version: {number}
effective_from: {start}
{more}source: test
facts: {{booked_at: timestamp}}
outcomes: [free, fee]
on_error: fee
rules: []
otherwise: {{id: otherwise, then: fee}}
"""


def text(*versions: tuple[int, str, str]) -> str:
    return "---\n".join(VERSION.format(number=n, start=start, more=more) for n, start, more in versions)


NEW_YEAR, JUNE = "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"
BOOKED = "in_force_by: booked_at\n"
TEXTS = {
    "old": text((1, NEW_YEAR, "")),
    "june": text((1, NEW_YEAR, ""), (2, JUNE, "")),
    "withdrawn": text((1, NEW_YEAR, ""), (2, JUNE, "withdrawn: a mistake\n")),
    "a week": text((1, NEW_YEAR, ""), (2, JUNE, "effective_until: 2026-06-08T00:00:00Z\n")),
    "booked": text((1, NEW_YEAR, BOOKED), (2, JUNE, BOOKED)),
    "booked, withdrawn": text((1, NEW_YEAR, BOOKED), (2, JUNE, f"{BOOKED}withdrawn: a mistake\n")),
    "booked, clocks": text((1, NEW_YEAR, BOOKED), (2, "2026-03-29T03:00:00+02:00", BOOKED)),
    "booked, leap": text((1, NEW_YEAR, BOOKED), (2, "2028-02-29T00:00:00Z", BOOKED)),
    "leap": text((1, NEW_YEAR, ""), (2, "2028-02-29T00:00:00Z", "")),
}
BUNDLES: dict[str, Bundle] = {}
"""Filled by the first test: the bundle of each text."""

# Each scenario is a list of steps. ("now", bundle, moment) activates it at once, ("at", bundle, moment, start) schedules it,
# ("back", …) rolls back, ("force", …) breaks the glass, ("withdraw", …) withdraws. ("?", moment, bundle, version) asks; a fifth
# value is `booked_at`, which is the moment itself otherwise.
SCENARIOS: dict[str, list[tuple[str, ...]]] = {
    "at once": [
        ("now", "old", "2026-03-01T00:00:00Z"),
        ("?", "2026-03-01T00:00:00Z", "old", "1"),
        ("?", "2026-07-01T00:00:00Z", "old", "1"),
        ("now", "june", "2026-07-02T00:00:00Z"),
        ("?", "2026-07-02T00:00:00Z", "june", "2"),
    ],
    "activated after the start of its own version": [
        ("now", "old", "2026-03-01T00:00:00Z"),
        ("?", "2026-06-15T00:00:00Z", "old", "1"),
        ("at", "june", "2026-06-15T00:00:00Z", "2026-07-01T00:00:00Z"),
        ("?", "2026-06-30T23:59:59.999999Z", "old", "1"),
        ("?", "2026-07-01T00:00:00Z", "june", "2"),
        ("?", "2026-07-01T00:00:00.000001Z", "june", "2"),
    ],
    "activated before the start of its own version": [
        ("now", "june", "2026-03-01T00:00:00Z"),
        ("?", "2026-03-01T00:00:00Z", "june", "1"),
        ("?", "2026-05-31T23:59:59.999999Z", "june", "1"),
        ("?", "2026-06-01T00:00:00Z", "june", "2"),
        ("?", "2026-06-01T02:00:00+02:00", "june", "2"),
        ("?", "2026-06-01T01:59:59+02:00", "june", "1"),
    ],
    "activated at the start of its own version": [
        ("now", "old", "2026-03-01T00:00:00Z"),
        ("at", "june", "2026-03-01T00:00:00Z", JUNE),
        ("?", "2026-05-31T23:59:59.999999Z", "old", "1"),
        ("?", JUNE, "june", "2"),
        ("?", "2026-06-01T00:00:00.000001Z", "june", "2"),
        ("?", "2026-06-01T01:59:59.999999+02:00", "old", "1"),
    ],
    "the clocks go forward": [
        ("now", "old", "2026-03-01T00:00:00Z"),
        ("at", "june", "2026-03-01T00:00:00Z", "2026-03-29T03:00:00+02:00"),
        ("?", "2026-03-29T01:59:59.999999+01:00", "old", "1"),
        ("?", "2026-03-29T02:00:00+01:00", "june", "1"),
        ("?", "2026-03-29T03:00:00+02:00", "june", "1"),
        ("?", "2026-03-29T01:00:00Z", "june", "1"),
        ("?", "2026-03-29T00:59:59Z", "old", "1"),
    ],
    "the clocks go back, and the second half past two is meant": [
        ("now", "old", "2026-10-01T00:00:00Z"),
        ("at", "june", "2026-10-01T00:00:00Z", "2026-10-25T02:30:00+01:00"),
        ("?", "2026-10-25T02:30:00+02:00", "old", "1"),
        ("?", "2026-10-25T02:59:59+02:00", "old", "1"),
        ("?", "2026-10-25T02:29:59+01:00", "old", "1"),
        ("?", "2026-10-25T02:30:00+01:00", "june", "2"),
        ("?", "2026-10-25T01:30:00Z", "june", "2"),
    ],
    "a leap day": [
        ("now", "old", "2026-03-01T00:00:00Z"),
        ("at", "june", "2026-03-01T00:00:00Z", "2028-02-29T12:00:00Z"),
        ("?", "2028-02-28T23:59:59.999999Z", "old", "1"),
        ("?", "2028-02-29T11:59:59.999999Z", "old", "1"),
        ("?", "2028-02-29T12:00:00Z", "june", "2"),
        ("?", "2028-03-01T00:00:00Z", "june", "2"),
        ("?", "2028-02-29T14:00:00+02:00", "june", "2"),
    ],
    "a version that begins on a leap day": [
        ("now", "leap", "2026-03-01T00:00:00Z"),
        ("?", "2027-03-01T00:00:00Z", "leap", "1"),
        ("?", "2028-02-28T23:59:59.999999Z", "leap", "1"),
        ("?", "2028-02-29T00:00:00Z", "leap", "2"),
        ("?", "2032-02-29T00:00:00Z", "leap", "2"),
    ],
    "a withdrawn version": [
        ("now", "june", "2026-03-01T00:00:00Z"),
        ("?", "2026-06-02T00:00:00Z", "june", "2"),
        ("now", "withdrawn", "2026-06-03T00:00:00Z"),
        ("?", "2026-06-03T00:00:00Z", "withdrawn", "1"),
        ("?", "2027-06-03T00:00:00Z", "withdrawn", "1"),
    ],
    "a withdrawn bundle": [
        ("now", "old", "2026-03-01T00:00:00Z"),
        ("at", "june", "2026-03-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        ("withdraw", "june", "2026-06-30T23:59:59Z"),
        ("?", "2026-07-01T00:00:00Z", "old", "1"),
        ("at", "a week", "2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z"),
        ("?", "2026-07-01T23:59:59Z", "old", "1"),
        ("?", "2026-07-02T00:00:00Z", "a week", "1"),
    ],
    "a version that ends": [
        ("now", "a week", "2026-03-01T00:00:00Z"),
        ("?", "2026-05-31T00:00:00Z", "a week", "1"),
        ("?", "2026-06-07T23:59:59.999999Z", "a week", "2"),
        ("?", "2026-06-08T00:00:00Z", "a week", "1"),
        ("?", "2026-06-08T01:59:59+02:00", "a week", "2"),
    ],
    "who booked before": [
        ("now", "booked", "2026-03-01T00:00:00Z"),
        ("?", "2026-06-10T00:00:00Z", "booked", "1", "2026-05-20T00:00:00Z"),
        ("?", "2026-06-10T00:00:00Z", "booked", "1", "2026-05-31T23:59:59.999999Z"),
        ("?", "2026-06-10T00:00:00Z", "booked", "2", JUNE),
        ("?", "2026-06-10T00:00:00Z", "booked", "2", "2026-07-01T00:00:00Z"),
        ("?", "2026-05-10T00:00:00Z", "booked", "1", "2026-07-01T00:00:00Z"),
    ],
    "who booked before a bundle that knows about bookings": [
        ("now", "june", "2026-03-01T00:00:00Z"),
        ("?", "2026-06-10T00:00:00Z", "june", "2", "2026-05-20T00:00:00Z"),
        ("at", "booked", "2026-06-10T00:00:00Z", "2026-06-11T00:00:00Z"),
        ("?", "2026-06-10T23:59:59Z", "june", "2", "2026-05-20T00:00:00Z"),
        ("?", "2026-06-11T00:00:00Z", "booked", "1", "2026-05-20T00:00:00Z"),
        ("back", "june", "2026-06-12T00:00:00Z"),
        ("?", "2026-06-12T00:00:00Z", "june", "2", "2026-05-20T00:00:00Z"),
    ],
    "who booked, and the version is withdrawn": [
        ("now", "booked", "2026-03-01T00:00:00Z"),
        ("?", "2026-06-10T00:00:00Z", "booked", "2", "2026-06-05T00:00:00Z"),
        ("at", "booked, withdrawn", "2026-06-10T00:00:00Z", "2026-06-11T00:00:00Z"),
        ("?", "2026-06-10T23:59:59.999999Z", "booked", "2", "2026-06-05T00:00:00Z"),
        ("?", "2026-06-11T00:00:00Z", "booked, withdrawn", "1", "2026-06-05T00:00:00Z"),
        ("?", "2026-06-11T00:00:00Z", "booked, withdrawn", "1"),
    ],
    "who booked while the clocks go forward": [
        ("now", "booked, clocks", "2026-03-01T00:00:00Z"),
        ("?", "2026-04-01T00:00:00Z", "booked, clocks", "1", "2026-03-29T01:59:59.999999+01:00"),
        ("?", "2026-04-01T00:00:00Z", "booked, clocks", "2", "2026-03-29T03:00:00+02:00"),
        ("?", "2026-04-01T00:00:00Z", "booked, clocks", "2", "2026-03-29T02:00:00+01:00"),
    ],
    "who booked on a leap day, before a bundle that was activated after it": [
        ("now", "old", "2026-03-01T00:00:00Z"),
        ("at", "booked, leap", "2028-02-28T00:00:00Z", "2028-03-01T00:00:00Z"),
        ("?", "2028-02-29T12:00:00Z", "old", "1"),
        ("?", "2028-03-01T00:00:00Z", "booked, leap", "1", "2028-02-28T23:59:59.999999Z"),
        ("?", "2028-03-01T00:00:00Z", "booked, leap", "2", "2028-02-29T00:00:00Z"),
    ],
    "rolled back": [
        ("now", "old", "2026-03-01T00:00:00Z"),
        ("now", "june", "2026-06-02T00:00:00Z"),
        ("?", "2026-06-02T00:00:00Z", "june", "2"),
        ("back", "old", "2026-06-03T00:00:00Z"),
        ("?", "2026-06-03T00:00:00Z", "old", "1"),
        ("back", "june", "2026-06-04T00:00:00Z"),
        ("?", "2026-06-04T00:00:00Z", "june", "2"),
    ],
    "the glass is broken before a schedule of the same bundle": [
        ("now", "old", "2026-03-01T00:00:00Z"),
        ("at", "june", "2026-03-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        ("force", "june", "2026-06-10T00:00:00Z"),
        ("?", "2026-06-10T00:00:00Z", "june", "2"),
        ("back", "old", "2026-06-11T00:00:00Z"),
        ("?", "2026-06-30T23:59:59Z", "old", "1"),
        ("?", "2026-07-01T00:00:00Z", "old", "1"),
    ],
}


def test_table_has_at_least_sixty_different_cases():
    assert len({(name, *step) for name, steps in SCENARIOS.items() for step in steps if step[0] == "?"}) >= 60


@pytest.mark.parametrize("name", SCENARIOS)
def test_schedule(name: str, ann: Any, carl: Any) -> None:
    published: dict[str, Publication] = {}
    for step in SCENARIOS[name]:
        if step[0] == "?":
            _ask(published, *step[1:])
        else:
            _act(published, ann, carl, *step)


def _act(
    published: dict[str, Publication],
    ann: Any,
    carl: Any,
    act: str,
    bundle: str,
    moment: str,
    start: str = "",
) -> None:
    now = read(moment)
    publication = published.get(bundle) or _publish(bundle, ann, now)
    published[bundle] = publication
    row = {"publication": publication, "by": ann, "made_at": now}
    if act == "withdraw":
        Withdrawal.objects.create(publication=publication, by=ann, at=now)
    elif act == "back":
        Activation.objects.create(kind=Kind.ROLL_BACK, **row)
    elif act == "force":
        Activation.objects.create(kind=Kind.BREAK_GLASS, reason="test", **row)
    else:
        _approve(publication, carl, now)
        Activation.objects.create(kind=Kind.ACTIVATE, scheduled_for=read(start) if start else None, **row)


def _ask(published: dict[str, Publication], moment: str, bundle: str, version: str, booked: str = "") -> None:
    now = read(moment)
    activation = active(now)
    assert activation is not None
    assert activation.publication == published[bundle], moment
    decision = load(bundle).decide("fees", {"booked_at": read(booked or moment)}, now=now)
    assert (decision.errors, decision.version) == ((), int(version)), moment


def _publish(bundle: str, ann: Any, now: datetime) -> Publication:
    return Publication.objects.create(
        digest=load(bundle).digest,
        engine="test",
        files=store_texts({"fees.yaml": TEXTS[bundle]}),
        strangers=[],
        published_by=ann,
        published_at=now,
    )


def _approve(publication: Publication, carl: Any, now: datetime) -> None:
    latest = Activation.objects.filter(publication__withdrawal=None).order_by("-pk").first()
    report = Report.objects.create(
        publication=publication,
        base=latest and latest.publication,
        base_digest="sha256:0",
        change="rules",
        not_proven=0,
        digest="sha256:1",
        body="{}",
        made_at=now,
    )
    digests = {"bundle_digest": publication.digest, "report_digest": report.digest}
    Verdict.objects.create(publication=publication, report=report, approves=True, by=carl, at=now, **digests)


def load(bundle: str) -> Bundle:
    if bundle not in BUNDLES:
        loaded = load_sources([Source("fees.yaml", TEXTS[bundle])])
        assert loaded.bundle is not None, loaded.diagnostics
        BUNDLES[bundle] = loaded.bundle
    return BUNDLES[bundle]


def read(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(UTC)
