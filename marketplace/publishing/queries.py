"""Which bundle is in force, and what became of each."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from marketplace.publishing.models import Activation, Author, Kind, Publication, Report, Verdict, Withdrawal

State = Literal["published", "rejected", "withdrawn", "scheduled", "active", "replaced"]


def begun(now: datetime | None = None) -> Q:
    """By the clock of the database, unless a moment is given."""
    return Q(scheduled_for=None) | Q(scheduled_for__lte=Now() if now is None else now)


def standing_activations() -> QuerySet[Activation]:
    """Those that are not withdrawn, the latest first."""
    withdrawn = Withdrawal.objects.filter(publication=OuterRef("publication"))
    return Activation.objects.filter(~Exists(withdrawn)).order_by("-pk")


def active(now: datetime | None = None) -> Activation | None:
    """The activation in force."""
    return standing_activations().filter(begun(now)).select_related("publication").first()


def scheduled() -> Activation | None:
    """The latest one if it has not begun. Earlier ones that have not begun never count: a later one always takes precedence."""
    latest = standing_activations().select_related("publication").first()
    return None if latest is None or Activation.objects.filter(begun(), pk=latest.pk).exists() else latest


def unreviewed() -> QuerySet[Activation]:
    """Break-glass activations that nobody else has looked at."""
    return Activation.objects.filter(kind=Kind.BREAK_GLASS, review=None).order_by("pk")


def current_report(publication: Publication, *, base: Publication | None, base_digest: str) -> Report | None:
    """The newest report that compares with this base."""
    reports = Report.objects.filter(publication=publication, base=base, base_digest=base_digest)
    return reports.order_by("-pk").first()


def current_reports(
    publications: Collection[Publication], *, base: int | None, base_digest: str
) -> dict[int, Report]:
    """The newest report about each bundle that compares with this base, by the id of the bundle. Bodies are read on demand."""
    reports = Report.objects.filter(publication__in=publications, base=base, base_digest=base_digest)
    return {report.publication_id: report for report in reports.defer("body").order_by("pk")}


def authors_since(publications: Collection[Publication], base: Publication | None) -> dict[int, set[int]]:
    """By the id of the bundle, everybody who published, or is named as an author, after the latest earlier bundle that was
    approved and that the base follows. Always includes the authors of the bundle itself, also if it is older than the base."""
    numbers = [publication.pk for publication in publications]
    approved = Activation.objects.filter(
        kind=Kind.ACTIVATE,
        publication_id__lt=max(numbers, default=0),
        publication_id__lte=base.pk if base else 0,
    )
    earlier = list(approved.values_list("publication_id", flat=True))
    since = {number: max((each for each in earlier if each < number), default=0) for number in numbers}
    authors = list(
        Author.objects.filter(
            publication_id__gt=min(since.values(), default=0), publication_id__lte=max(numbers, default=0)
        ).values_list("publication_id", "user_id")
    )
    return {number: {user for of, user in authors if since[number] < of <= number} for number in numbers}


def approvals_of(reports: Mapping[int, Report]) -> dict[int, int]:
    """By the id of the bundle, how many people approved it after they saw exactly this report."""
    verdicts = Verdict.objects.filter(publication__in=reports, approves=True)
    seen = set(verdicts.values_list("publication_id", "report_digest", "by_id"))
    return {
        number: sum((of, digest) == (number, report.digest) for of, digest, _ in seen)
        for number, report in reports.items()
    }


def count_approvals(publication: Publication, report: Report | None) -> int:
    """By different people who saw exactly this report."""
    if report is None:
        return 0
    return approvals_of({publication.pk: report})[publication.pk]


def state_of(publication: Publication) -> State:
    return states_of([publication])[publication.pk]


def states_of(publications: Collection[Publication]) -> dict[int, State]:
    """By id, with as many queries for many as for one."""
    in_force = active()
    about = {"publication__in": [publication.pk for publication in publications]}
    activations = Activation.objects.filter(**about)
    in_order: list[tuple[State, set[int]]] = [
        ("active", {in_force.publication_id} if in_force else set()),
        ("withdrawn", _numbers(Withdrawal.objects.filter(**about))),
        ("replaced", _numbers(activations.filter(begun()))),
        ("scheduled", _numbers(activations)),
        ("rejected", _numbers(Verdict.objects.filter(**about, approves=False))),
    ]
    return {
        publication.pk: next((state for state, those in in_order if publication.pk in those), "published")
        for publication in publications
    }


def _numbers(rows: QuerySet[Any]) -> set[int]:
    return set(rows.values_list("publication_id", flat=True))


def active_before(activation: Activation) -> Publication | None:
    """The bundle that was in force before that one took force."""
    earlier = standing_activations().filter(begun(), pk__lt=activation.pk)
    other = earlier.exclude(publication=activation.publication_id).select_related("publication").first()
    return other.publication if other else None


def lock_bundles() -> None:
    """Until the transaction ends, nobody else publishes, judges or activates. On SQLite, there is only one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {Activation._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
