"""Admin of users and tokens. A token's text is not stored; a token can only be revoked."""

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

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """A form that was opened before an erasure would write the name and address back, and reactivate the account."""
        is_closed = obj is not None and ErasureRequest.objects.filter(user=obj).exists()
        return not is_closed and super().has_change_permission(request, obj)


@admin.register(Token)
class TokenAdmin(CheckedFilters, Admin):
    list_display = ["id", "user", "created_at", "revoked_at", "still_works"]
    list_select_related = ["user"]
    fields = ["user", "created_at", "revoked_at"]
    readonly_fields = ["user", "created_at"]

    @admin.display(boolean=True, description="works")
    def still_works(self, token: Token) -> bool:
        """A password change also ends tokens that nobody revoked."""
        return token.user.is_active and works(token)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(ErasureRequest)
class ErasureRequestAdmin(ReadOnlyAdmin):
    list_display = ["id", "user", "requested_at", "done_at"]
