"""What else than `policy_change` stands in the way of a step. Each function raises Refused."""

from marketplace.accounts.models import User
from marketplace.errors import Refused
from marketplace.publishing.models import Activation, Publication, Report, Verdict
from marketplace.publishing.queries import scheduled


def check_seen(publication: Publication, report: Report, *, bundle_digest: str, report_digest: str) -> None:
    """What a person decides about is what that person has seen."""
    if bundle_digest != publication.digest:
        raise Refused("another-bundle", f"Bundle {publication.pk} has another digest.")
    if report_digest != report.digest:
        message = f"The newest report about bundle {publication.pk} is {report.digest}."
        raise Refused("another-report", message)


def check_not_judged(publication: Publication, report: Report | None, actor: User) -> None:
    if report is not None and Verdict.objects.filter(report=report, by=actor).exists():
        message = f"You have judged this report about bundle {publication.pk} already."
        raise Refused("already-judged", message)


def check_none_scheduled() -> None:
    if (other := scheduled()) is not None:
        message = f"Bundle {other.publication_id} is scheduled: withdraw it first."
        raise Refused("another-is-scheduled", message)


def check_has_been_in_force(publication: Publication, in_force: Activation) -> None:
    if not publication.activations.exists() or publication.pk == in_force.publication_id:
        message = f"Bundle {publication.pk} is in force, or has never been."
        raise Refused("nothing-to-roll-back-to", message)
