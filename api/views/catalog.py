"""Products."""

from rest_framework.request import Request
from rest_framework.response import Response

from api.admission import Access
from api.contract.catalog import ProductBody
from api.pagination import list_page
from api.views.base import ApiView
from marketplace.catalog.queries import access_product, products


class ProductsView(ApiView):
    access = Access.ANYONE

    def get(self, request: Request) -> Response:
        return Response(list_page(request, products(), ProductBody.render_all))


class ProductView(ApiView):
    access = Access.ANYONE

    def get(self, request: Request, product_id: int) -> Response:
        return Response(ProductBody.render(access_product(product_id)))
