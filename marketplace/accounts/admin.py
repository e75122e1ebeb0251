"""Users and tokens in the admin; a token's text is nowhere, and only its revocation can be set."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from decisions.admin import Admin, CheckedFilters, ReadOnlyAdmin
from marketplace.accounts.models import ErasureRequest, Token, User
from marketplace.accounts.queries import works


@admin.register(User)
class RoleUserAdmin(CheckedFilters, UserAdmin):
    fieldsets = (*(UserAdmin.fieldsets or ()), ("Marketplace", {"fields": ["role"]}))
    add_fieldsets = (*UserAdmin.add_fieldsets, ("Marketplace", {"fields": ["role", "email"]}))
    list_display = ["username", "role", "is_active", "is_staff"]
    list_filter = ["role", "is_active", "is_staff"]


@admin.register(Token)
class TokenAdmin(CheckedFilters, Admin):
    list_display = ["id", "user", "created_at", "revoked_at", "still_works"]
    list_select_related = ["user"]
    fields = ["user", "created_at", "revoked_at"]
    readonly_fields = ["user", "created_at"]

    @admin.display(boolean=True, description="works")
    def still_works(self, token: Token) -> bool:
        """A changed password ends a token that nobody revoked."""
        return token.user.is_active and works(token)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(ErasureRequest)
class ErasureRequestAdmin(ReadOnlyAdmin):
    list_display = ["id", "user", "requested_at", "done_at"]
