"""Reports and appeals, of those who make them and for moderators; and the counts of a month."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.admission import Access
from api.contract.moderation import (
    AppealBody,
    AppealQuery,
    AppealRequest,
    OpenAppealBody,
    ReportRequest,
    RuleRequest,
    TextReportBody,
    ThreadBody,
)
from api.contract.months import MonthBody, MonthQuery
from api.idempotency import answer_about
from api.pagination import list_page
from api.parsing import read_body, read_query
from api.subjects import USER
from api.views.base import ApiView
from marketplace.desk.appealed import appeals_for
from marketplace.desk.appealing import appeal_decision, appeal_report, rule_on_appeal
from marketplace.desk.months import count_month
from marketplace.desk.reporting import report_text
from marketplace.flagged_texts import people_around
from marketplace.moderation.models import Appeal, AppealVerdict, Because, BlockedText, Ground, Report
from marketplace.moderation.queries import appeals_of, reports_of, state_of_report


class ReportsView(ApiView):
    def get(self, request: Request) -> Response:
        return Response(list_page(request, reports_of(self.caller), _render_reports))

    def post(self, request: Request) -> Response:
        wanted = read_body(request, ReportRequest)
        report = report_text(
            reader=self.caller,
            kind=wanted.kind,
            text_id=wanted.text_id,
            because=Because(wanted.because),
            now=timezone.now(),
        )
        return Response(_render_report(report), status=201)


class ReportAppealView(ApiView):
    def post(self, request: Request, report_id: int) -> Response:
        wanted = read_body(request, AppealRequest)
        appeal = appeal_report(
            appellant=self.caller, report_id=report_id, because=Ground(wanted.because), now=timezone.now()
        )
        return Response(AppealBody.render(appeal), status=201)


class DecisionAppealView(ApiView):
    def post(self, request: Request, decision_id: int) -> Response:
        wanted = read_body(request, AppealRequest)
        appeal = appeal_decision(
            appellant=self.caller, decision_id=decision_id, because=Ground(wanted.because), now=timezone.now()
        )
        return Response(AppealBody.render(appeal), status=201)


class OwnAppealsView(ApiView):
    def get(self, request: Request) -> Response:
        return Response(list_page(request, appeals_of(self.caller), AppealBody.render_all))


class AppealsView(ApiView):
    access = Access.MODERATORS

    def get(self, request: Request) -> Response:
        query = read_query(request, AppealQuery)
        found = appeals_for(self.caller, query.state)
        return Response(list_page(request, found, _render_appeals, query=query))


class RuleView(ApiView):
    access = Access.MODERATORS

    def post(self, request: Request, appeal_id: int) -> Response:
        wanted = read_body(request, RuleRequest)
        appeal = rule_on_appeal(
            moderator=self.caller,
            appeal_id=appeal_id,
            verdict=AppealVerdict(wanted.verdict),
            because=wanted.because,
            reason=wanted.reason,
            now=timezone.now(),
        )
        answer_about(*((USER, number) for number in {appeal.appellant_id, *people_around(appeal)}))
        return Response(_render_appeals([appeal])[0])


class MonthView(ApiView):
    access = Access.MODERATORS

    def get(self, request: Request) -> Response:
        year, month = read_query(request, MonthQuery).month.split("-")
        return Response(MonthBody.render(count_month(int(year), int(month))))


def _render_reports(reports: Iterable[Report]) -> list[dict[str, Any]]:
    return [_render_report(report) for report in reports]


def _render_report(report: Report) -> dict[str, Any]:
    return TextReportBody.render(
        {
            "id": report.pk,
            "kind": report.kind,
            "text_id": report.text_id,
            "because": report.because,
            "reported_at": report.at,
            "state": state_of_report(report),
        }
    )


def _render_appeals(found: Iterable[Appeal]) -> list[dict[str, Any]]:
    found = list(found)
    kept = BlockedText.objects.filter(decision__in=[appeal.decision_id for appeal in found])
    blocked = dict(kept.values_list("decision_id", "pk"))
    return [
        OpenAppealBody.render(
            {
                **{name: getattr(appeal, name) for name in AppealBody.model_fields},
                "author_id": appeal.author_id,
                "appellant_id": appeal.appellant_id,
                "thread": ThreadBody.of({"kind": appeal.thread_kind, "id": appeal.thread_id}),
                "item_id": appeal.item_id,
                "blocked_text_id": blocked.get(appeal.decision_id),
                "ruled_by": appeal.ruled_by_id,
                "reason": appeal.reason or None,
            }
        )
        for appeal in found
    ]
