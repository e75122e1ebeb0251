"""Orders: one buyer, one seller, one product, and both confirmations in one row that both sides write."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Status(models.TextChoices):
    PENDING = "pending"
    COMPLETED = "completed"


class Order(models.Model):
    """INVARIANT: a completed order never changes; enforced by triggers in both databases."""

    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="orders")
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders_as_buyer"
    )
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders_as_seller"
    )
    chat = models.OneToOneField("chats.Chat", on_delete=models.PROTECT, related_name="order")
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    # Copied from the product when the order is created: a constraint cannot read another table.
    single_sale = models.BooleanField()
    seller_confirmed_at = models.DateTimeField(null=True)
    buyer_confirmed_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["status", "-id"], name="orders_by_status")]
        constraints = [
            models.UniqueConstraint(fields=["product", "buyer"], name="one_order_per_product_and_buyer"),
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(single_sale=True, seller_confirmed_at__isnull=False),
                name="one_confirmed_buyer_per_product",
            ),
            models.CheckConstraint(condition=~Q(buyer=F("seller")), name="order_has_two_parties"),
            models.CheckConstraint(
                condition=Q(status=Status.PENDING, completed_at=None)
                | Q(
                    status=Status.COMPLETED,
                    completed_at__isnull=False,
                    seller_confirmed_at__isnull=False,
                    buyer_confirmed_at__isnull=False,
                ),
                name="completed_order_has_both_confirmations",
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.pk}"


class ReviewGrant(models.Model):
    """The right to review, created by a completed order. INVARIANT: exists only for one; enforced by a trigger."""

    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="review_grants")
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="review_grants"
    )
    granted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "buyer"], name="one_grant_per_product_and_buyer")
        ]

    def __str__(self) -> str:
        return f"grant of product {self.product_id} to user {self.buyer_id}"
