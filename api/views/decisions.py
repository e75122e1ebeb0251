"""Recorded decisions."""

from rest_framework.request import Request
from rest_framework.response import Response

from api.contract.decisions import RecordedDecisionBody
from api.views.base import ApiView
from decisions.reading import access_decision, view_decision
from marketplace.accounts.models import Role

READS_ALL = frozenset({Role.MODERATOR, Role.POLICY_OWNER})


class DecisionView(ApiView):
    def get(self, request: Request, decision_id: int) -> Response:
        reads_all = self.caller.role in READS_ALL
        record = access_decision(reader_id=self.caller.pk, decision_id=decision_id, reads_all=reads_all)
        return Response(RecordedDecisionBody.render(view_decision(record, reads_all=reads_all)))
