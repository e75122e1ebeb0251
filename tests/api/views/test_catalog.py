"""Products over HTTP."""

from typing import Any

from marketplace.catalog.models import Product
from tests.api.callers import Caller, make_product, refusal_of


def test_product_is_shown_to_anybody(anonymous: Caller, seller: Caller, desk: Product) -> None:
    response = anonymous.get(f"/api/v1/products/{desk.pk}")

    assert response.status_code == 200
    assert response.json() == {
        "id": desk.pk,
        "name": "Walnut desk",
        "seller_id": seller.id,
        "single_sale": True,
    }


def test_products_are_listed_oldest_first_in_one_query(
    anonymous: Caller, seller: Caller, django_assert_num_queries: Any
) -> None:
    made = [make_product(seller, name) for name in ("Desk", "Lamp", "Chair")]

    with django_assert_num_queries(1):
        response = anonymous.get("/api/v1/products")

    assert response.status_code == 200
    assert [item["id"] for item in response.json()["items"]] == [product.pk for product in made]
    assert response.json()["next"] is None


def test_product_that_does_not_exist_is_not_found(anonymous: Caller, db: None) -> None:
    for unknown in ("999999", "0", str(2**63), "9" * 5000):
        assert refusal_of(anonymous.get(f"/api/v1/products/{unknown}")) == (404, "not-found")
