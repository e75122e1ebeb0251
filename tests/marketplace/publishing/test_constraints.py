"""The database refuses what the services never do, on both databases, also in raw SQL."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.publishing.models import Activation, Kind, Publication, Report, Review, Verdict, Withdrawal
from marketplace.publishing.services import break_glass
from tests.marketplace.factories import LATER, NOW

TABLES = ("publication", "author", "report", "verdict", "activation", "withdrawal", "review")


def refused(act, match: str) -> None:
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        act()


def execute(sql: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def verdict(report, by, **fields):
    values = {"bundle_digest": report.publication.digest, "report_digest": report.digest, "approves": True}
    return Verdict(
        **{"publication": report.publication, "report": report, "by": by, "at": NOW} | values | fields
    )


def activation(publication, **fields):
    return Activation(**{"publication": publication, "kind": Kind.ACTIVATE, "made_at": NOW} | fields)


def test_rows_never_change_and_never_go(shop, first, bob, carl):
    """One row in each table."""
    shop.edit("value: 100", "value: 200")
    second = shop.publish()
    Withdrawal.objects.create(publication=second, by=bob, at=NOW)
    forced = break_glass(actor=bob, publication=first, reason="test", now=NOW)
    Review.objects.create(activation=forced, by=carl, at=NOW)
    for table in TABLES:
        refused(lambda t=table: execute(f"UPDATE publishing_{t} SET id = id"), "append-only")
        refused(lambda t=table: execute(f"DELETE FROM publishing_{t}"), "append-only")
    if connection.vendor == "sqlite":
        for table in TABLES:
            statement = f"INSERT OR REPLACE INTO publishing_{table} SELECT * FROM publishing_{table}"
            refused(lambda s=statement: execute(s), ".")


def test_verdicts(shop, ann, bob, carl):
    shop.edit("value: 100", "value: 200")
    earlier = shop.publish(by=bob)
    publication = shop.publish()
    report = shop.report(publication)
    other = shop.report(earlier)
    for by in (ann, bob):  # Bob published since the bundle in force
        refused(verdict(report, by).save, "an author cannot approve")
    refused(verdict(report, carl, bundle_digest="sha256:0").save, "another bundle or report")
    refused(verdict(report, carl, report_digest="sha256:0").save, "another bundle or report")
    refused(verdict(other, carl, publication=publication).save, "another bundle or report")
    verdict(report, carl).save()
    refused(verdict(report, carl, approves=False).save, "has this row|unique")


def test_author_approves_nothing_older_than_the_bundle_in_force(shop, first, bob):
    shop.edit("value: 100", "value: 200")
    old = shop.publish(by=bob)
    shop.edit("value: 200", "value: 300")
    shop.put_in_force()
    refused(verdict(shop.report(old), bob).save, "an author cannot approve")


def test_author_approves_nothing_because_of_a_report_that_compares_with_a_later_bundle(shop, first, bob):
    shop.edit("value: 100", "value: 200")
    publication = shop.publish(by=bob)
    report = shop.report(publication)
    forged = Report.objects.create(
        publication=publication,
        base=publication,
        **{
            f: getattr(report, f)
            for f in ("base_digest", "change", "not_proven", "digest", "body", "made_at")
        },
    )
    refused(verdict(forged, bob).save, "an author cannot approve")


def test_approval_of_an_earlier_report_is_none(shop, first, carl, monkeypatch):
    """Planted: the solver is gone."""
    shop.edit("value: 100", "value: 200")
    publication = shop.approved()
    monkeypatch.setattr("engine.claims.extra.is_installed", lambda: False)
    shop.report(publication)
    refused(activation(publication, by=carl).save, "not approved")


def test_activations(shop, first, bob, carl):
    shop.edit("value: 100", "value: 200")
    publication = shop.publish()
    report = shop.report(publication)
    refused(activation(publication, by=bob).save, "not approved")
    refused(activation(publication, by=bob, kind=Kind.ROLL_BACK).save, "never been in force")
    refused(activation(publication, kind=Kind.BREAK_GLASS).save, "break_glass_has_a_reason")
    shop.approve(publication, report)
    refused(activation(publication).save, "only_break_glass_activates_without_a_person")
    late = NOW + timedelta(days=3650)
    shop.activate(publication, at=late)
    refused(activation(first, by=bob, kind=Kind.ROLL_BACK, made_at=LATER).save, "another bundle is scheduled")
    Withdrawal.objects.create(publication=publication, by=bob, at=LATER)
    refused(activation(publication, by=bob).save, "withdrawn")
    refused(Withdrawal(publication=publication, by=bob, at=LATER).save, "has this row|unique")
    refused(Withdrawal(publication=first, by=bob, at=LATER).save, "has been in force")


def test_approval_of_a_change_of_another_bundle_is_none(shop, first, carl):
    shop.edit("value: 100", "value: 200")
    publication = shop.approved()
    shop.edit("value: 200", "value: 300")
    shop.put_in_force()
    refused(activation(publication, by=carl).save, "not approved")


def test_rejection_counts_more_than_an_approval(shop, bob, carl):
    publication = shop.publish()
    report = shop.report(publication)
    shop.approve(publication, report)
    shop.approve(publication, report, by=bob, approves=False)
    refused(activation(publication, by=carl).save, "not approved")


def test_reviews(shop, first, ann, bob):
    normal = Activation.objects.get()
    refused(Review(activation=normal, by=bob, at=NOW).save, "somebody else")
    forced = break_glass(actor=ann, publication=first, reason="test", now=NOW)
    refused(Review(activation=forced, by=ann, at=NOW).save, "somebody else")
    Review.objects.create(activation=forced, by=bob, at=NOW)
    nobodys = break_glass(actor=None, publication=first, reason="test", now=NOW)
    refused(Review(activation=nobodys, by=ann, at=NOW).save, "somebody else")  # who published the bundle
    Review.objects.create(activation=nobodys, by=bob, at=NOW)
    assert Publication.objects.count() == 1
