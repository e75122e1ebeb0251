"""Published bundles over the API: what `manage.py policy` does."""

import json
from collections.abc import Iterable
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api.contract.bundles import (
    BundleBody,
    BundleEntryBody,
    BundleRequest,
    ExplainedRequest,
    ForcedRequest,
    PlainRequest,
    ReportBody,
    RollbackRequest,
    ScheduleRequest,
    VerdictRequest,
)
from api.envelope import FACTS_BODY_LIMIT
from api.pagination import NEWEST_FIRST, list_page
from api.problems import Problem, not_found
from api.routers.surface import StrictBody, TableRouter, caller
from marketplace.publishing import services, telling
from marketplace.publishing.checking import one_at_a_time
from marketplace.publishing.files import BundleRefused
from marketplace.publishing.models import Publication, Report
from marketplace.publishing.queries import count_approvals, state_of, states_of, unreviewed
from marketplace.publishing.reporting import read_body
from marketplace.publishing.standing import report_in_force

router = TableRouter("/api/policies", body_limit=FACTS_BODY_LIMIT)


@router.serves("list_bundles")
def list_bundles(request: HttpRequest) -> HttpResponse:
    return _answer(list_page(request, Publication.objects.all(), _entries, order=NEWEST_FIRST))


@router.serves("publish_bundle")
def publish_bundle(request: HttpRequest, wanted: Annotated[BundleRequest, StrictBody()]) -> HttpResponse:
    with one_at_a_time():
        publication = services.publish(
            actor=caller(request),
            texts=wanted.files,
            git_authors=[(author.name, author.email) for author in wanted.authors],
            revision=wanted.revision,
            now=timezone.now(),
        )
    return _bundle(publication, status=201)


@router.serves("roll_back_bundle")
def roll_back_bundle(request: HttpRequest, wanted: Annotated[RollbackRequest, StrictBody()]) -> HttpResponse:
    earlier = Publication.objects.get(pk=wanted.bundle_id) if wanted.bundle_id else None
    activation = services.roll_back(
        actor=caller(request), publication=earlier, reason=wanted.reason, now=timezone.now()
    )
    return _bundle(activation.publication)


@router.serves("read_bundle")
def read_bundle(request: HttpRequest, bundle_id: int) -> HttpResponse:
    return _bundle(Publication.objects.get(pk=bundle_id))


@router.serves("read_report")
def read_report(request: HttpRequest, bundle_id: int) -> HttpResponse:
    report = report_in_force(Publication.objects.get(pk=bundle_id))
    if report is None:
        raise not_found()
    return _report(report)


@router.serves("make_report")
def make_report(
    request: HttpRequest, bundle_id: int, nothing: Annotated[PlainRequest, StrictBody()]
) -> HttpResponse:
    publication = Publication.objects.get(pk=bundle_id)
    try:
        with one_at_a_time():
            report = services.make_report(publication=publication, now=timezone.now())
    except BundleRefused as refused:
        detail = refused.problems[0].in_one_line()
        raise Problem("conflict", detail, code="bundle-no-longer-passes") from None
    return _report(report)


@router.serves("approve_bundle")
def approve_bundle(
    request: HttpRequest, bundle_id: int, wanted: Annotated[VerdictRequest, StrictBody()]
) -> HttpResponse:
    return _judge(request, bundle_id, wanted, approves=True)


@router.serves("reject_bundle")
def reject_bundle(
    request: HttpRequest, bundle_id: int, wanted: Annotated[VerdictRequest, StrictBody()]
) -> HttpResponse:
    return _judge(request, bundle_id, wanted, approves=False)


@router.serves("schedule_bundle")
def schedule_bundle(
    request: HttpRequest, bundle_id: int, wanted: Annotated[ScheduleRequest, StrictBody()]
) -> HttpResponse:
    publication = Publication.objects.get(pk=bundle_id)
    services.activate(actor=caller(request), publication=publication, at=wanted.at, now=timezone.now())
    return _bundle(publication)


@router.serves("activate_bundle")
def activate_bundle(
    request: HttpRequest, bundle_id: int, nothing: Annotated[PlainRequest, StrictBody()]
) -> HttpResponse:
    publication = Publication.objects.get(pk=bundle_id)
    services.activate(actor=caller(request), publication=publication, now=timezone.now())
    return _bundle(publication)


@router.serves("withdraw_bundle")
def withdraw_bundle(
    request: HttpRequest, bundle_id: int, wanted: Annotated[ExplainedRequest, StrictBody()]
) -> HttpResponse:
    publication = Publication.objects.get(pk=bundle_id)
    services.withdraw(
        actor=caller(request), publication=publication, reason=wanted.reason, now=timezone.now()
    )
    return _bundle(publication)


@router.serves("force_bundle")
def force_bundle(
    request: HttpRequest, bundle_id: int, wanted: Annotated[ForcedRequest, StrictBody()]
) -> HttpResponse:
    publication = Publication.objects.get(pk=bundle_id)
    services.break_glass(
        actor=caller(request), publication=publication, reason=wanted.reason, now=timezone.now()
    )
    return _bundle(publication)


@router.serves("review_bundle")
def review_bundle(
    request: HttpRequest, bundle_id: int, wanted: Annotated[ExplainedRequest, StrictBody()]
) -> HttpResponse:
    publication = Publication.objects.get(pk=bundle_id)
    services.review_bundle(
        actor=caller(request), publication=publication, reason=wanted.reason, now=timezone.now()
    )
    return _bundle(publication)


def _judge(request: HttpRequest, bundle_id: int, wanted: VerdictRequest, *, approves: bool) -> HttpResponse:
    publication = Publication.objects.get(pk=bundle_id)
    services.judge(
        actor=caller(request),
        publication=publication,
        approves=approves,
        bundle_digest=wanted.digest,
        report_digest=wanted.report_digest,
        reason=wanted.reason,
        now=timezone.now(),
    )
    return _bundle(publication)


def _answer(body: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type="application/json; charset=utf-8"
    )


def _entries(publications: Iterable[Publication]) -> list[dict[str, Any]]:
    listed = list(publications)
    states = states_of(listed)
    return [BundleEntryBody.render(_entry(each, states[each.pk])) for each in listed]


def _entry(publication: Publication, state: str) -> dict[str, Any]:
    return {
        "id": publication.pk,
        "digest": publication.digest,
        "state": state,
        "revision": publication.revision,
        "published_by": publication.published_by_id,
        "published_at": publication.published_at,
    }


def _bundle(publication: Publication, status: int = 200) -> HttpResponse:
    state = state_of(publication)
    report = report_in_force(publication)
    latest = publication.activations.order_by("-pk").first()
    body = _entry(publication, state) | {
        "files": publication.files,
        "authors": sorted(publication.authors.values_list("user_id", flat=True)),
        "authors_without_account": publication.strangers,
        "report_digest": report and report.digest,
        "approvals": count_approvals(publication, report),
        "needs_review": unreviewed().filter(publication=publication).exists(),
        "scheduled_for": latest.scheduled_for if latest and state == "scheduled" else None,
    }
    return _answer(BundleBody.render(body), status)


def _report(report: Report) -> HttpResponse:
    return _answer(
        ReportBody.render(
            {
                "digest": report.digest,
                "bundle_id": report.publication_id,
                "bundle_digest": report.publication.digest,
                "base_id": report.base_id,
                "change": report.change,
                "not_proven": report.not_proven,
                "made_at": report.made_at,
                "text": telling.as_text(report),
                "report": read_body(report.body),
            }
        )
    )
