"""Cursor pagination over HTTP."""

import pytest

from tests.api.callers import Caller, make_product, problem_of, refusal_of

PRODUCTS = "/api/v1/products"


def walk(caller: Caller, path: str, limit: int) -> list[list[int]]:
    """The ids of each page, following `next` to the end."""
    pages, cursor = [], ""
    while cursor is not None:
        page = caller.get(f"{path}?limit={limit}" + (f"&cursor={cursor}" if cursor else "")).json()
        pages.append([item["id"] for item in page["items"]])
        cursor = page["next"]
    return pages


def test_pages_hold_every_row_once(anonymous: Caller, seller: Caller) -> None:
    ids = [make_product(seller, f"Product {number}").pk for number in range(5)]

    assert walk(anonymous, PRODUCTS, 2) == [ids[:2], ids[2:4], ids[4:]]
    assert walk(anonymous, PRODUCTS, 5) == [ids]


def test_newest_first_pages_are_not_moved_by_a_new_row(buyer: Caller, seller: Caller) -> None:
    orders = [
        buyer.post("/api/v1/orders", {"product_id": make_product(seller, f"Product {number}").pk}).json()[
            "id"
        ]
        for number in range(3)
    ]
    first = buyer.get("/api/v1/orders?limit=2").json()
    buyer.post("/api/v1/orders", {"product_id": make_product(seller, "A new one").pk})

    second = buyer.get(f"/api/v1/orders?limit=2&cursor={first['next']}").json()

    assert [item["id"] for item in first["items"] + second["items"]] == orders[::-1]
    assert second["next"] is None


def test_cursor_is_good_for_its_own_list_only(anonymous: Caller, buyer: Caller, seller: Caller) -> None:
    for number in range(2):
        make_product(seller, f"Product {number}")
    cursor = anonymous.get(f"{PRODUCTS}?limit=1").json()["next"]

    assert refusal_of(buyer.get(f"/api/v1/orders?cursor={cursor}")) == (400, "invalid-cursor")


@pytest.mark.parametrize("cursor", ["1", "MQ:nonsense", "%00", "🪑", ":", "x" * 500])
def test_made_up_cursor_is_refused(cursor: str, anonymous: Caller, db: None) -> None:
    assert refusal_of(anonymous.get(f"{PRODUCTS}?cursor={cursor}")) == (400, "invalid-cursor")


@pytest.mark.parametrize(
    ("query", "parameter", "message"),
    [
        ("limit=0", "limit", "Input should be greater than or equal to 1"),
        ("limit=101", "limit", "Input should be less than or equal to 100"),
        ("limit=-1", "limit", "Input should be a whole number"),
        ("limit=1.5", "limit", "Input should be a whole number"),
        ("limit=", "limit", "Input should be a whole number"),
        ("limit=" + "9" * 5_000, "limit", "Input should be a whole number"),
        ("limit=1&limit=2", "limit", "Parameter should be given once"),
        ("cursor=", "cursor", "String should have at least 1 character"),
        ("offset=10", "offset", "Extra inputs are not permitted"),
    ],
)
def test_unfit_query_is_refused(
    query: str, parameter: str, message: str, anonymous: Caller, db: None
) -> None:
    response = anonymous.get(f"{PRODUCTS}?{query}")

    assert refusal_of(response) == (422, "invalid-request")
    assert problem_of(response)["errors"] == [{"parameter": parameter, "message": message}]
