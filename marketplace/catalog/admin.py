"""Products in the admin."""

from django.contrib import admin

from decisions.admin import Admin, CheckedFilters
from marketplace.catalog.models import Product


@admin.register(Product)
class ProductAdmin(CheckedFilters, Admin):
    list_display = ["id", "name", "seller", "single_sale", "created_at"]
    list_filter = ["single_sale"]
    search_fields = ["name"]
    raw_id_fields = ["seller"]
