"""Recorded decisions."""

from collections.abc import Iterable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.contract.decisions import DecisionEntryBody, RecordedDecisionBody, StatementBody
from api.pagination import NEWEST_FIRST, list_page
from api.views.base import ApiView
from decisions.models import DecisionRecord
from decisions.reading import view_decision
from marketplace.accounts.models import Role
from marketplace.desk.statements import read_statement
from marketplace.orders.queries import access_order_as_party
from marketplace.parties import access_decision, decisions_about_sale, facts_for_parties, hidden_facts

READS_ALL = frozenset({Role.MODERATOR, Role.POLICY_OWNER})


class SaleDecisionsView(ApiView):
    def get(self, request: Request, order_id: int) -> Response:
        order = access_order_as_party(self.caller, order_id)
        decisions = decisions_about_sale(self.caller, order)
        return Response(list_page(request, decisions, _entries, order=NEWEST_FIRST))


def _entries(records: Iterable[DecisionRecord]) -> list[dict[str, Any]]:
    return [
        DecisionEntryBody.render(
            {name: getattr(record, name) for name in DecisionEntryBody.model_fields}
            | {"in_force_at": record.in_force_at or record.decided_at}
        )
        for record in records
    ]


class DecisionView(ApiView):
    def get(self, request: Request, decision_id: int) -> Response:
        if self.caller.role in READS_ALL:
            record = DecisionRecord.objects.get(pk=decision_id)
            view = view_decision(record, facts=None, hidden=hidden_facts(record, reader=self.caller))
        else:
            record = access_decision(self.caller, decision_id)
            view = view_decision(record, facts=facts_for_parties(record))
        return Response(RecordedDecisionBody.render(view))


class StatementView(ApiView):
    def get(self, request: Request, decision_id: int) -> Response:
        return Response(StatementBody.render(read_statement(reader=self.caller, decision_id=decision_id)))
