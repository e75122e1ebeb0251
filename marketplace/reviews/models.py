"""Reviews, each based on the grant of a completed order."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q


class Review(models.Model):
    """INVARIANT: product and buyer are those of the grant; enforced by a trigger."""

    grant = models.OneToOneField("orders.ReviewGrant", on_delete=models.PROTECT, related_name="review")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="reviews")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    rating = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    text = models.TextField()
    created_at = models.DateTimeField()
    queue_item = models.OneToOneField(
        "moderation.QueueItem", null=True, on_delete=models.PROTECT, related_name="review"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rating__range=(1, 5)), name="rating_is_one_to_five")
        ]

    def __str__(self) -> str:
        return f"review of product {self.product_id} by user {self.buyer_id}"
