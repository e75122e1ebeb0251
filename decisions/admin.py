"""Decision records in the admin: to be read, never to be written."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property

from decisions import BundleUnavailable, bundles
from decisions.models import DecisionRecord

# Django's classes take no type argument when they run, and mypy takes none without.
if TYPE_CHECKING:
    Admin = admin.ModelAdmin[Any]
    Pages = Paginator[Model]
else:
    Admin = admin.ModelAdmin
    Pages = Paginator

MOST_LISTED = 10_000
DIGITS = 18
"""Of the longest number that surely fits the column."""


class NewestPages(Pages):
    """Counts rows up to a bound, so that a list costs the same however many there are."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        assert isinstance(rows, QuerySet)
        return rows.order_by()[:MOST_LISTED].count()


class NewestFirst(ChangeList):
    """The order is that of the primary key, whatever the URL asks for: no other column has an index for it."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str | Combinable]:
        return ["-pk"]


class ReadOnlyAdmin(Admin):
    """For rows that only services write, and that nobody deletes: there may be millions."""

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
    """Names come from the bundle in force, since the table would have to be read as a whole for those in it."""

    title = "policy"
    parameter_name = "policy"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in sorted(_outcomes())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(policy=self.value()) if self.value() else queryset


class OutcomeFilter(admin.SimpleListFilter):
    """Of one policy; outcomes of all together have no index."""

    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(outcome, outcome) for outcome in _outcomes().get(request.GET.get("policy", ""), ())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(outcome=self.value()) if self.value() else queryset


def _outcomes() -> dict[str, tuple[str, ...]]:
    """The outcomes of each policy in force, those of its other versions among them."""
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
        """By equality. Django would compare without regard to case, as texts, which no index answers."""
        term = search_term.strip()
        if not term:
            return queryset, False
        matches = Q(request_id=term)
        if term.isascii() and term.isdigit() and len(term) <= DIGITS:
            matches |= Q(subject_id=int(term))
        return queryset.filter(matches), False
