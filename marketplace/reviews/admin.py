"""Read-only admin of reviews."""

from django.contrib import admin

from decisions.admin import ReadOnlyAdmin
from marketplace.reviews.models import Review


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ["id", "product", "buyer", "rating", "created_at"]
    list_select_related = ["product", "buyer"]
