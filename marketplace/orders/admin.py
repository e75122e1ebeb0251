"""Read-only admin of orders and the review grants they created."""

from django.contrib import admin

from decisions.admin import ReadOnlyAdmin
from marketplace.orders.models import Order, ReviewGrant


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ["id", "product", "buyer", "seller", "status", "completed_at"]
    list_filter = ["status"]
    list_select_related = ["product", "buyer", "seller"]


@admin.register(ReviewGrant)
class ReviewGrantAdmin(ReadOnlyAdmin):
    list_display = ["id", "product", "buyer", "granted_at"]
    list_select_related = ["product", "buyer"]
