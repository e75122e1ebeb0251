"""Recorded decisions."""

from rest_framework.request import Request
from rest_framework.response import Response

from api.contract.decisions import RecordedDecisionBody
from api.views.base import ApiView
from decisions.models import DecisionRecord
from decisions.reading import view_decision
from marketplace.accounts.models import Role
from marketplace.parties import access_decision, facts_for_parties

READS_ALL = frozenset({Role.MODERATOR, Role.POLICY_OWNER})


class DecisionView(ApiView):
    def get(self, request: Request, decision_id: int) -> Response:
        if self.caller.role in READS_ALL:
            view = view_decision(DecisionRecord.objects.get(pk=decision_id), facts=None)
        else:
            record = access_decision(self.caller, decision_id)
            view = view_decision(record, facts=facts_for_parties(record))
        return Response(RecordedDecisionBody.render(view))
