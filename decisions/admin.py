"""Read-only admin of decision records."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db import DataError
from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property

from decisions import BundleUnavailable, bundles
from decisions.models import DecisionRecord

# Django's classes cannot be subscripted at run time, but mypy requires the type argument.
if TYPE_CHECKING:
    Admin = admin.ModelAdmin[Any]
    Pages = Paginator[Model]
else:
    Admin = admin.ModelAdmin
    Pages = Paginator

MOST_LISTED = 10_000
DIGITS = 18
"""Digits of the longest number that fits the column."""


class NewestPages(Pages):
    """Counts rows only up to a limit, so that listing costs the same for any table size."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        assert isinstance(rows, QuerySet)
        return rows.order_by()[:MOST_LISTED].count()


class CheckedList(ChangeList):
    """Reports values that only the database refuses as an invalid lookup, as Django does for those it checks itself."""

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except (DataError, OverflowError, ValueError) as error:
            raise IncorrectLookupParameters(error) from error


class CheckedFilters:
    """Mixin for an admin: a URL with impossible values redirects to the list without them."""

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[ChangeList]:
        return CheckedList


class NewestFirst(CheckedList):
    """Always ordered by primary key, whatever the URL asks for: no other column is indexed for it."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str | Combinable]:
        return ["-pk"]


class ReadOnlyAdmin(Admin):
    """For rows that only services write and nobody deletes. There may be millions."""

    paginator = NewestPages
    show_full_result_count = False
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[ChangeList]:
        return NewestFirst

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        about = f"The newest {MOST_LISTED:,} at most"
        return super().changelist_view(request, {"subtitle": about, **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PolicyFilter(admin.SimpleListFilter):
    """Lists the policies of the bundle in force, since collecting names from the table would scan it."""

    title = "policy"
    parameter_name = "policy"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in sorted(_outcomes())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(policy=self.value()) if self.value() else queryset


class OutcomeFilter(admin.SimpleListFilter):
    """Needs a policy to be selected: there is no index for outcomes across policies."""

    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(outcome, outcome) for outcome in _outcomes().get(request.GET.get("policy", ""), ())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(outcome=self.value()) if self.value() else queryset


def _outcomes() -> dict[str, tuple[str, ...]]:
    """The outcomes of each policy in force, including its other versions."""
    try:
        policies = bundles.in_force().policies
    except BundleUnavailable:
        return {}
    return {
        name: tuple(dict.fromkeys(outcome for version in versions.all for outcome in version.outcomes))
        for name, versions in policies.items()
    }


@admin.register(DecisionRecord)
class DecisionRecordAdmin(ReadOnlyAdmin):
    list_display = [
        "decided_at",
        "policy",
        "version",
        "revision",
        "in_force_at",
        "outcome",
        "rule",
        "subject_kind",
        "subject_id",
        "actor_id",
    ]
    list_filter = [PolicyFilter, OutcomeFilter]
    search_fields = ["=subject_id", "=request_id"]
    search_help_text = "The number of a subject, or a request id, as a whole."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By equality. Django would compare case-insensitively as text, which no index supports."""
        term = search_term.strip()
        if not term:
            return queryset, False
        matches = Q(request_id=term)
        if term.isascii() and term.isdigit() and len(term) <= DIGITS:
            matches |= Q(subject_id=int(term))
        return queryset.filter(matches), False
