"""Disputes, their messages and their legal holds."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.contract.chats import MessageRequest
from api.contract.disputes import (
    DisputeBody,
    DisputeQuery,
    DisputeRequest,
    HoldBody,
    ReasonRequest,
)
from api.idempotency import answer_about
from api.pagination import NEWEST_FIRST, list_page
from api.parsing import read_body, read_query
from api.subjects import USER
from api.views.base import ApiView
from api.views.messages import messages_for, render_message
from marketplace.disputes.holds import place_hold, release_hold
from marketplace.disputes.queries import (
    access_dispute,
    disputes_of,
    holds_of,
    messages_of,
    reopenable_disputes,
)
from marketplace.disputes.retention.clock import database_now
from marketplace.disputes.retention.planning import with_media_due
from marketplace.disputes.services import close_dispute, open_dispute, reopen_dispute
from marketplace.disputes.threads import send_message


class DisputesView(ApiView):
    def get(self, request: Request) -> Response:
        query = read_query(request, DisputeQuery)
        disputes = disputes_of(self.caller)
        if query.may:
            disputes = reopenable_disputes(self.caller, now=database_now())
        if query.media:
            disputes = with_media_due(disputes, at=database_now())
        return Response(list_page(request, disputes, DisputeBody.render_all, order=NEWEST_FIRST, query=query))

    def post(self, request: Request) -> Response:
        wanted = read_body(request, DisputeRequest)
        dispute = open_dispute(actor=self.caller, now=timezone.now(), **wanted.model_dump())
        return Response(DisputeBody.render(dispute), status=201)


class DisputeView(ApiView):
    def get(self, request: Request, dispute_id: int) -> Response:
        return Response(DisputeBody.render(access_dispute(self.caller, dispute_id)))


class DisputeMessagesView(ApiView):
    def get(self, request: Request, dispute_id: int) -> Response:
        dispute = access_dispute(self.caller, dispute_id)
        messages = messages_of(dispute, reader=self.caller)
        return Response(list_page(request, messages, messages_for(self.caller)))

    def post(self, request: Request, dispute_id: int) -> Response:
        written = read_body(request, MessageRequest)
        message = send_message(
            author=self.caller, dispute_id=dispute_id, text=written.text, now=timezone.now()
        )
        return Response(render_message(message, reader=self.caller), status=201)


class CloseView(ApiView):
    """Uses the database clock, as the sweep does: a slow host clock would cause early deletion."""

    def post(self, request: Request, dispute_id: int) -> Response:
        reason = read_body(request, ReasonRequest).reason
        dispute = close_dispute(actor=self.caller, dispute_id=dispute_id, reason=reason, now=database_now())
        return Response(DisputeBody.render(dispute))


class ReopenView(ApiView):
    """Uses the database clock, as the sweep does: a dispute can be reopened until its media is due for deletion."""

    def post(self, request: Request, dispute_id: int) -> Response:
        reason = read_body(request, ReasonRequest).reason
        dispute = reopen_dispute(actor=self.caller, dispute_id=dispute_id, reason=reason, now=database_now())
        return Response(DisputeBody.render(dispute))


class HoldsView(ApiView):
    def get(self, request: Request, dispute_id: int) -> Response:
        return Response(list_page(request, holds_of(self.caller, dispute_id), HoldBody.render_all))

    def post(self, request: Request, dispute_id: int) -> Response:
        reason = read_body(request, ReasonRequest).reason
        hold = place_hold(actor=self.caller, dispute_id=dispute_id, reason=reason, now=timezone.now())
        order = hold.dispute.order
        answer_about((USER, order.buyer_id), (USER, order.seller_id))  # a reason may quote them
        return Response(HoldBody.render(hold), status=201)


class HoldView(ApiView):
    def delete(self, request: Request, hold_id: int) -> Response:
        hold = release_hold(actor=self.caller, hold_id=hold_id, now=database_now())
        return Response(HoldBody.render(hold))
