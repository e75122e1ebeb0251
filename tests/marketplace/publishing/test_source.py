"""Published bundles as the source of policies: what a process decides with, what it says, and what it keeps."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from decisions import BundleUnavailable, bundles
from decisions.reloading import Reloader
from marketplace.publishing import standing
from marketplace.publishing.models import Activation, Kind, ServerProcess
from marketplace.publishing.processes import forget_gone, living, remind_of_glass
from marketplace.publishing.services import break_glass, review, roll_back, withdraw
from tests.marketplace.factories import LATER, NOW

pytestmark = pytest.mark.full_on("postgresql")  # test_constraints.py is about the database

HIGHER = ("value: 100", "value: 200")


@pytest.fixture
def published(shop: Any, follows_bundles: None) -> Any:
    return shop


def polls(reloader: Reloader) -> int:
    """The queries of one look, without what it says about itself."""
    looked = bundles.configured().looked
    try:
        bundles.configured().looked = lambda: None  # type: ignore[method-assign]
        with connection.execute_wrapper(count := Count()):
            reloader.look()
    finally:
        bundles.configured().looked = looked  # type: ignore[method-assign]
    return count.queries


class Count:
    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Any, *call: Any) -> Any:
        self.queries += 1
        return execute(*call)


def test_without_an_activation_nothing_is_in_force(published):
    with pytest.raises(BundleUnavailable, match="policies:1"):
        bundles.in_force()
    assert [problem.code for problem in bundles.status().problems] == ["nothing-active"]


def test_process_follows_activation_schedule_and_rollback_with_one_query_a_look(published, ann):
    first = published.put_in_force()
    reloader = Reloader()
    reloader.look()
    assert bundles.status().digest == first.digest
    assert polls(reloader) == 1

    published.edit(*HIGHER)
    second = published.approved()
    assert (polls(reloader), bundles.status().digest) == (1, first.digest)
    published.activate(second)
    assert bundles.status().digest == first.digest  # until the next look
    reloader.look()
    assert bundles.status().digest == second.digest
    roll_back(actor=ann, reason="test", now=LATER)
    reloader.look()
    assert bundles.status().digest == first.digest


def test_setting_moves_a_process_from_the_folder_to_bundles_and_back(published, settings):
    first = published.put_in_force()
    published.edit(*HIGHER)
    source, edited = settings.COMITY_POLICY_SOURCE, bundles.directory_at(settings.COMITY_POLICIES_DIR)
    edited.reload()
    decided = []
    for where in ("", source, ""):
        settings.COMITY_POLICY_SOURCE = where
        decision = bundles.current().decide("fees", {"amount": 150}, now=NOW)
        decided.append((decision.outcome, decision.digest))
    in_folder = ("free", edited.bundle().digest)
    assert decided == [in_folder, ("fee", first.digest), in_folder]


def test_request_keeps_one_digest_while_another_bundle_comes_into_force(published):
    first = published.put_in_force()
    reloader = Reloader()
    reloader.look()
    published.edit(*HIGHER)
    with bundles.pinned(bundles.in_force()):
        published.put_in_force()
        reloader.look()
        digests = {bundles.current().decide("fees", {"amount": 150}, now=NOW).digest for _ in range(10)}
    assert digests == {first.digest}
    assert bundles.current().digest != first.digest


def test_published_bundle_that_no_longer_loads_leaves_the_last_good_one(published, client, monkeypatch):
    """Planted: an engine that refuses the new one."""
    first = published.put_in_force()
    reloader = Reloader()
    reloader.look()
    published.edit(*HIGHER)
    second = published.put_in_force()
    monkeypatch.setattr(standing.conf, "engine", lambda: refuse)
    reloader.look()
    status = bundles.status()
    assert (status.digest, bundles.in_force().digest) == (first.digest, first.digest)
    assert status.problems
    said = client.get("/readyz").json()
    assert said["checks"]["policies"] == "broken: the last good policies stay in force"
    [process] = said["policies"]["processes"]
    assert (process["digest"], second.digest != first.digest) == (first.digest, True)
    assert process["problem"] == "policies:1: the bundle cannot be loaded: ValueError"


def refuse(_: Any) -> Any:
    raise ValueError("this engine no longer knows the policy")


def test_lost_database_keeps_the_bundle_and_is_logged_once(published, caplog):
    first = published.put_in_force()
    reloader = Reloader()
    reloader.look()

    def fail(*_: Any) -> None:
        raise OperationalError("the server closed the connection")

    source = bundles.configured()
    close, connection.close = connection.close, lambda: None  # the test's transaction goes on
    try:
        with connection.execute_wrapper(fail):
            for _ in range(3):
                source.signature()
    finally:
        connection.close = close
    assert bundles.status().digest == first.digest
    assert sum("bundle_in_force_unknown" in str(r.msg) for r in caplog.records) == 1


def test_glass_is_on_every_page_and_readyz_until_it_is_reviewed(published, client: Client, bob, carl, caplog):
    publication = published.publish()
    forced = break_glass(actor=bob, publication=publication, reason="the shop is down", now=NOW)
    reloader = Reloader()
    reloader.look()
    page = client.get("/console/sign-in").content.decode()
    assert "without approval: the shop is down" in page
    said = client.get("/readyz").json()
    assert said["status"] == "degraded"
    assert said["checks"]["publishing"].endswith("without approval: the shop is down")
    assert remind_of_glass(now=NOW) == 1
    assert any("glass_not_reviewed" in str(record.msg) for record in caplog.records)

    review(actor=carl, activation=forced, now=LATER)
    reloader.look()
    assert "without approval" not in client.get("/console/sign-in").content.decode()
    assert client.get("/readyz").json()["checks"]["publishing"] == "ok"
    assert remind_of_glass(now=NOW) == 0


def test_processes_are_listed_while_they_live(published):
    published.put_in_force()
    Reloader().look()
    [process] = living()
    assert process.digest == bundles.status().digest
    ServerProcess.objects.update(seen_at=datetime.now(UTC) - timedelta(minutes=1))
    assert living() == []
    assert forget_gone(now=datetime.now(UTC)) == 0
    assert forget_gone(now=datetime.now(UTC) + timedelta(days=1)) == 1


def test_scheduled_bundle_takes_force_by_the_clock_of_the_database(published):
    first = published.put_in_force()
    published.edit(*HIGHER)
    second = published.approved()
    reloader = Reloader()
    published.activate(second, at=datetime.now(UTC) + timedelta(hours=1), now=datetime.now(UTC))
    reloader.look()
    assert bundles.status().digest == first.digest
    withdraw(actor=published.author, publication=second, reason="", now=datetime.now(UTC))
    third = published.approved()
    Activation.objects.create(
        publication=third,
        kind=Kind.ACTIVATE,
        scheduled_for=datetime.now(UTC) - timedelta(seconds=1),
        by=published.author,
        made_at=datetime.now(UTC) - timedelta(hours=1),
    )
    reloader.look()
    assert bundles.status().digest == third.digest != first.digest
