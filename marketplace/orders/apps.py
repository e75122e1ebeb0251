"""The Django app of the orders, with the triggers that protect completed orders."""

from decisions.triggers import GuardedAppConfig, Trigger, no_replace

# The columns of a completed order; all are NOT NULL once it is completed.
FIXED = [
    "id",
    "product_id",
    "buyer_id",
    "seller_id",
    "chat_id",
    "status",
    "single_sale",
    "seller_confirmed_at",
    "buyer_confirmed_at",
    "completed_at",
]
CHANGES = " OR ".join(f"NEW.{column} IS NULL OR NEW.{column} <> OLD.{column}" for column in FIXED)
NO_COMPLETED_ORDER = (
    "NOT EXISTS (SELECT 1 FROM orders_order WHERE product_id = NEW.product_id AND buyer_id = NEW.buyer_id "
    "AND status = 'completed')"
)
# SQLite's OR REPLACE deletes conflicting rows without firing DELETE triggers. The plus keeps SQLite from reading all completed
# orders by the index of their status.
COMPLETED_IN_THE_WAY = (
    "EXISTS (SELECT 1 FROM orders_order WHERE id <> NEW.id AND +status = 'completed' AND (chat_id = NEW.chat_id "
    "OR (product_id = NEW.product_id AND (buyer_id = NEW.buyer_id "
    "OR (single_sale AND NEW.single_sale AND NEW.seller_confirmed_at IS NOT NULL)))))"
)
KEPT = "a completed order is kept"


class OrdersConfig(GuardedAppConfig):
    name = "marketplace.orders"
    default = True
    policies = ("confirmation",)
    carries_out = ("complete_order", "lock_chat")
    triggers = (
        Trigger(
            "orders_order_stays_completed",
            "orders_order",
            "UPDATE",
            "a completed order never changes",
            when=f"OLD.status = 'completed' AND ({CHANGES})",
        ),
        Trigger(
            "orders_order_completed_is_kept",
            "orders_order",
            "DELETE",
            KEPT,
            when="OLD.status = 'completed'",
        ),
        no_replace("orders_order"),
        *(
            Trigger(
                f"orders_order_completed_not_replaced_by_{event.lower()}",
                "orders_order",
                event,
                KEPT,
                when=COMPLETED_IN_THE_WAY,
                vendors=("sqlite",),
            )
            for event in ("INSERT", "UPDATE")
        ),
        Trigger(
            "orders_grant_needs_completed_order",
            "orders_reviewgrant",
            "INSERT",
            "a review grant needs a completed order",
            when=NO_COMPLETED_ORDER,
        ),
        Trigger("orders_grant_is_fixed", "orders_reviewgrant", "UPDATE", "a review grant never changes"),
    )
