"""Products. A single-sale product can be confirmed to one buyer only."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Product(models.Model):
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="products")
    name = models.CharField(max_length=200)
    single_sale = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.name
