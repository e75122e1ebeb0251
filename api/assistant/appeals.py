"""Why a message was refused, held or removed, and the appeal against it."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api.assistant.answering import answer
from api.contract.decisions import StatementBody
from api.contract.moderation import AppealBody, AppealRequest
from marketplace.accounts.models import User
from marketplace.desk.appealing import appeal_decision
from marketplace.desk.statements import read_statement
from marketplace.moderation.models import Ground


def explain(request: HttpRequest, user: User, decision_id: int) -> HttpResponse:
    return answer(request, user, StatementBody.of(read_statement(reader=user, decision_id=decision_id)))


def appeal(request: HttpRequest, user: User, decision_id: int, wanted: AppealRequest) -> HttpResponse:
    made = appeal_decision(
        appellant=user, decision_id=decision_id, because=Ground(wanted.because), now=timezone.now()
    )
    return answer(request, user, AppealBody.of(made), status=201)
