"""Orders and their confirmations."""

from collections.abc import Callable, Mapping
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.contract.orders import ConfirmationRequest, OrderBody, OrderQuery, OrderRequest
from api.pagination import NEWEST_FIRST, list_page
from api.parsing import read_body, read_query
from api.views.base import ApiView
from marketplace.accounts.models import User
from marketplace.orders.models import Order
from marketplace.orders.queries import access_order_as_party, orders_of, orders_with_open_chat
from marketplace.orders.services import confirm, open_order, withdraw_confirmation
from marketplace.reviews.queries import reviewable_orders

LISTS: Final[Mapping[str | None, Callable[[User], QuerySet[Order]]]] = {
    None: orders_of,
    "review": lambda caller: reviewable_orders(caller, now=timezone.now()),
    "write": lambda caller: orders_with_open_chat(caller, now=timezone.now()),
}


class OrdersView(ApiView):
    def get(self, request: Request) -> Response:
        query = read_query(request, OrderQuery)
        orders = LISTS[query.may](self.caller)
        return Response(list_page(request, orders, OrderBody.render_all, order=NEWEST_FIRST, query=query))

    def post(self, request: Request) -> Response:
        wanted = read_body(request, OrderRequest)
        order, created = open_order(buyer=self.caller, product_id=wanted.product_id, now=timezone.now())
        return Response(OrderBody.render(order), status=201 if created else 200)


class OrderView(ApiView):
    def get(self, request: Request, order_id: int) -> Response:
        return Response(OrderBody.render(access_order_as_party(self.caller, order_id)))


class ConfirmationsView(ApiView):
    def post(self, request: Request, order_id: int) -> Response:
        read_body(request, ConfirmationRequest)
        order = confirm(actor=self.caller, order_id=order_id, now=timezone.now())
        return Response(OrderBody.render(order))


class OwnConfirmationView(ApiView):
    def delete(self, request: Request, order_id: int) -> Response:
        order = withdraw_confirmation(actor=self.caller, order_id=order_id, now=timezone.now())
        return Response(OrderBody.render(order))
