"""Facts of the review policy."""

from typing import TypedDict

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from decisions.lists import Id, Part, Permission, PolicyList, Rows, Source
from marketplace.accounts.models import User
from marketplace.catalog.models import Product
from marketplace.orders.models import Order
from marketplace.reviews.models import Review

# A list fact holds at most 1,000 entries, and an order gives two.
MAX_ORDERS = 500


class Confirmation(TypedDict):
    """One side's confirmation of one sale; `party` is the side of `by`."""

    party: str
    by: str
    counterparty: str
    product_id: str


_STATEMENT = f"""
SELECT asked.reviewed, sale.product_id, sale.by_seller, sale.by_buyer
FROM (
    SELECT EXISTS (SELECT 1 FROM {Review._meta.db_table} WHERE product_id = %(product)s AND buyer_id = %(buyer)s) AS reviewed
) asked
LEFT JOIN (
    SELECT id, product_id, seller_confirmed_at IS NOT NULL AS by_seller, buyer_confirmed_at IS NOT NULL AS by_buyer
    FROM {Order._meta.db_table}
    WHERE buyer_id = %(buyer)s AND seller_id = %(seller)s
    ORDER BY product_id <> %(product)s, id DESC
    LIMIT %(most)s
) sale ON TRUE
ORDER BY sale.product_id <> %(product)s, sale.id DESC
"""
"""Whether the product is reviewed, and the sales between buyer and seller: this product first, then newest first. One row without
a sale if there is none."""


def review_facts(*, buyer: User, product: Product) -> dict[str, object]:
    """One SELECT, written by hand: building the queries of the ORM took longer than running them."""
    asked = {"buyer": buyer.pk, "seller": product.seller_id, "product": product.pk, "most": MAX_ORDERS}
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, asked)
        rows = cursor.fetchall()
    buyer_id, seller_id = str(buyer.pk), str(product.seller_id)
    confirmations: list[Confirmation] = []
    for _, product_id, by_seller, by_buyer in rows:
        sold = str(product_id)
        if by_seller:
            confirmations.append(
                {"party": "seller", "by": seller_id, "counterparty": buyer_id, "product_id": sold}
            )
        if by_buyer:
            confirmations.append(
                {"party": "buyer", "by": buyer_id, "counterparty": seller_id, "product_id": sold}
            )
    return {
        "buyer_id": buyer_id,
        "seller_id": seller_id,
        "product_id": str(product.pk),
        "confirmations": confirmations,
        "already_reviewed": bool(rows[0][0]),
    }


def confirmed_by(side: str, most: int = MAX_ORDERS) -> Part:
    """The confirmations of one side of the same sales as in `_STATEMENT`. The sale of this product is the row itself."""
    others = Order.objects.filter(
        buyer=OuterRef(OuterRef("buyer_id")), seller=OuterRef(OuterRef("product__seller_id"))
    ).exclude(product=OuterRef(OuterRef("product_id")))
    newest = others.order_by("-id").values("id")[: most - 1]
    sales = Order.objects.filter(
        Q(product=OuterRef("product_id")) | Q(pk__in=newest),
        buyer=OuterRef("buyer_id"),
        seller=OuterRef("product__seller_id"),
        **{f"{side}_confirmed_at__isnull": False},
    )
    parties: dict[str, Source] = {"seller": Id("seller_id"), "buyer": Id("buyer_id")}
    by, counterparty = (parties[side], parties["buyer" if side == "seller" else "seller"])
    item = {"party": side, "by": by, "counterparty": counterparty, "product_id": Id("product_id")}
    return Part(sales, item, at_most=most)


REVIEWABLE = PolicyList(
    policy="review_eligibility",
    asked=Permission(),
    model=Order,
    facts={
        "buyer_id": Id("buyer_id"),
        "seller_id": Id("product__seller_id"),
        "product_id": Id("product_id"),
        "confirmations": Rows((confirmed_by("seller"), confirmed_by("buyer"))),
        "already_reviewed": Q(
            Exists(Review.objects.filter(product=OuterRef("product_id"), buyer=OuterRef("buyer_id")))
        ),
    },
)
"""Orders whose buyer may review the product: `review_facts` as columns."""
