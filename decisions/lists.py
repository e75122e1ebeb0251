"""Lists that follow a policy: the rows of a queryset about which the policy in force decides in a certain way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils.module_loading import import_string

from decisions import bundles
from engine import Bundle, Diagnostic
from engine.backends.backend import NotExpressible
from engine.backends.django_q.asked import Asked, Outcome, Output, Permission
from engine.backends.django_q.queryset import check, find
from engine.backends.django_q.sources import Id, Later, Part, Rows, Source

__all__ = ["Id", "Outcome", "Output", "Part", "Permission", "PolicyList", "Rows", "Source", "not_listable"]

AnyModel = TypeVar("AnyModel", bound=Model)


@dataclass(frozen=True, slots=True)
class PolicyList:
    """Declared beside the function that builds the same facts for `decide`, and named in `lists` of the app's configuration.

    `facts` says where each fact is in the database. `given` names the facts that the caller of `condition` gives.
    """

    policy: str
    asked: Asked
    model: type[Model]
    facts: Mapping[str, Source]
    given: tuple[str, ...] = ()

    def rows(self, queryset: QuerySet[AnyModel], *, now: datetime, **given: Source) -> QuerySet[AnyModel]:
        """The rows about which `decide` would answer so now. Nothing is recorded, so no write may be based on it."""
        return queryset.filter(self.condition(now=now, **given))

    def condition(self, *, now: datetime, **given: Source) -> Q:
        versions = bundles.current().policies.get(self.policy)
        if versions is None:
            return Q(pk__in=[])  # as `decide`, which refuses what no policy permits
        found = find(versions, self.asked, {**self.facts, **given}, model=self.model, now=now)
        return found if isinstance(found, Q) else Q() if found else Q(pk__in=[])

    def problems(self, bundle: Bundle) -> tuple[Diagnostic, ...]:
        """What the database cannot be asked of the policy in this bundle."""
        versions = bundle.policies.get(self.policy)
        if versions is None:
            return ()  # `decisions.needs` reports it
        try:
            check(
                versions, self.asked, {**self.facts, **dict.fromkeys(self.given, Later())}, model=self.model
            )
        except NotExpressible as error:
            return error.diagnostics
        return ()


def declared() -> list[PolicyList]:
    """The lists in the app configurations' `lists`."""
    return [import_string(path) for app in apps.get_app_configs() for path in getattr(app, "lists", ())]


def not_listable(bundle: Bundle) -> Iterator[Diagnostic]:
    """An error for each part of a policy that a list cannot follow, once for all rules and lists that need it."""
    found = (problem for each in declared() for problem in each.problems(bundle))
    yield from {(problem.file, problem.line, problem.column): problem for problem in found}.values()
