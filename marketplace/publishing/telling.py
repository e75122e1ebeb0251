"""Reports, bundles and the log for people."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.template.loader import render_to_string

from documents.plurals import counted
from engine.claims import words
from engine.claims.difference import Change, NotProven
from marketplace.accounts.models import User
from marketplace.publishing.models import Activation, Kind, Publication, Report, Review, Verdict, Withdrawal
from marketplace.publishing.queries import State, state_of, states_of
from marketplace.publishing.reporting import read_body

CHANGES: Final[Mapping[str, str]] = {
    "texts": "only texts change",
    "parameters": "values of parameters change",
    "rules": "rules change",
    "claims": "claims are removed or changed",
}
DONE: Final[Mapping[str, str]] = {
    Kind.ACTIVATE: "activated",
    Kind.ROLL_BACK: "put in force again",
    Kind.BREAK_GLASS: "put in force without approval (break-glass)",
}


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def as_json(report: Report) -> str:
    return json.dumps(
        {"digest": report.digest, "report": read_body(report.body)}, ensure_ascii=False, indent=2
    )


def as_text(report: Report) -> str:
    return "\n".join(_lines(report))


def as_html(report: Report) -> str:
    """One page without scripts, that needs nothing else."""
    body = read_body(report.body)
    difference = body["difference"] or {"changes": [], "not_proven": []}
    return render_to_string(
        "publishing/report.html",
        {
            "report": report,
            "body": body,
            "verdict": _verdict(report, body),
            "compared": list(_compared(report)),
            "facts": list(_facts(report, body)),
            "changes": [_row(change) for change in difference["changes"]],
            "not_proven": [words.not_proven(NotProven(**each)) for each in difference["not_proven"]],
            "open_claims": [claim for claim in body["claims"] or () if claim["status"] != "proven"],
            "proven_claims": [claim for claim in body["claims"] or () if claim["status"] == "proven"],
        },
    )


def _verdict(report: Report, body: Mapping[str, Any]) -> str:
    kind = CHANGES[report.change].capitalize()
    difference = body["difference"]
    if difference is None:
        return f"{kind}. Nobody compared the decisions."
    changes = len(difference["changes"])
    if changes:
        return f"{kind}. Decisions differ in {changes} {'way' if changes == 1 else 'ways'}."
    if difference["not_proven"]:
        return f"{kind}. No other decision was found, and not all can be excluded."
    return f"{kind}. No decision differs."


def _row(change: Mapping[str, Any]) -> dict[str, Any]:
    """Facts and values as JSON, which tells a number from a string."""
    decisions = {name: change[f"{name}_decision"] for name in ("old", "new")}
    return {
        "sentence": words.sentence(Change(**change)),
        "now": change["now"],
        "facts": [(name, json.dumps(value, ensure_ascii=False)) for name, value in _facts_of(change)],
        "decisions": [(name, decision) for name, decision in decisions.items() if decision],
    }


def _facts_of(change: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    return (change["facts"] or {}).items()


RENDERERS: Final[Mapping[str, Callable[[Report], str]]] = {
    "text": as_text,
    "json": as_json,
    "html": as_html,
}


def _lines(report: Report) -> Iterator[str]:
    body = read_body(report.body)
    yield from _compared(report)
    yield from _facts(report, body)
    for edit in body["edits"]:
        yield ""
        yield f"{edit['policy']}: {edit['change']}"
        yield from (f"   {detail}" for detail in edit["details"])
    yield ""
    yield from body["sentences"]
    yield ""
    yield f"report {report.digest}"


def _compared(report: Report) -> Iterator[str]:
    base = f"bundle {report.base_id}" if report.base_id else "the policy folder"
    yield f"bundle {report.publication_id} ({report.publication.digest})"
    yield f"compared with {base} ({report.base_digest})"


def _facts(report: Report, body: Mapping[str, Any]) -> Iterator[str]:
    yield f"{CHANGES[report.change]}; files changed: {_files(body)}"
    authors = User.objects.filter(pk__in=body["authors"]).order_by("username")
    yield f"written by {', '.join(authors.values_list('username', flat=True))}"
    for name in body["authors_without_account"]:
        yield f"written by {name}, who has no account here"
    yield f"{counted(body['cases']['passed'], 'case')} passed, {body['cases']['skipped']} skipped"
    yield from _claims(body)
    if report.not_proven:
        yield f"NOT PROVEN: {report.not_proven} things that the report could neither find nor exclude"
    for name in body["claims_removed"]:
        yield f"REMOVED: the claim `{name}` is missing, or says something else now"
    for warning in body["warnings"]:
        yield f"{warning['file']}:{warning['line']}: warning: {warning['message']}"


def _files(body: Mapping[str, Any]) -> str:
    named = [
        f"{name} ({kind})" if kind != "changed" else name
        for kind in ("changed", "added", "removed")
        for name in body["files"][kind]
    ]
    return ", ".join(named) or "none"


def _claims(body: Mapping[str, Any]) -> Iterator[str]:
    if body["claims"] is None:
        yield "claims were not proven, since that needs a solver"
        return
    yield f"{counted(sum(claim['status'] == 'proven' for claim in body['claims']), 'claim')} proven"
    for claim in body["claims"]:
        if claim["status"] != "proven":
            yield f"{claim['status']}: the claim `{claim['claim']}` about {claim['policy']} {claim['version']}: {claim['why']}"


def listed() -> Iterator[str]:
    publications = list(Publication.objects.select_related("published_by").order_by("-pk"))
    states = states_of(publications)
    for publication in publications:
        yield _line(publication, states[publication.pk])


def _line(publication: Publication, state: State) -> str:
    by = publication.published_by.username
    return (
        f"bundle {publication.pk}: {state}, {publication.digest[:19]}, "
        f"published by {by} at {moment(publication.published_at)}"
    )


def shown(publication: Publication) -> Iterator[str]:
    yield _line(publication, state_of(publication))
    yield f"digest {publication.digest}"
    if publication.revision:
        yield f"revision {publication.revision}"
    for author in publication.authors.select_related("user").order_by("pk"):
        yield f"author {author.user.username}"
    for name in publication.strangers:
        yield f"author {name}, who has no account here"
    for name, sum_ in sorted(publication.files.items()):
        yield f"file {name} {sum_[:12]}"
    yield from told(publication)


def told(about: Publication | None = None) -> list[str]:
    """What was done, oldest first, about one bundle or all."""
    events = sorted(_events(about), key=lambda event: event[:2])
    return [f"{moment(at)} {line}" for at, _, line in events]


def _events(about: Publication | None) -> Iterator[tuple[datetime, int, str]]:
    """The moment of each event, its rank among those of the same moment, and what people read."""
    own = {"publication": about} if about else {}
    for p in Publication.objects.filter(**({"pk": about.pk} if about else {})).select_related("published_by"):
        yield p.published_at, 0, f"bundle {p.pk} published by {p.published_by.username}"
    for r in Report.objects.filter(**own):
        yield r.made_at, 1, f"bundle {r.publication_id} compared: {CHANGES[r.change]}, report {r.digest[:19]}"
    for v in Verdict.objects.filter(**own).select_related("by"):
        what = "approved" if v.approves else "rejected"
        yield v.at, 2, f"bundle {v.publication_id} {what} by {v.by.username}{_because(v.reason)}"
    for w in Withdrawal.objects.filter(**own).select_related("by"):
        yield w.at, 3, f"bundle {w.publication_id} withdrawn{_by(w.by)}{_because(w.reason)}"
    for a in Activation.objects.filter(**own).select_related("by"):
        when = f" for {moment(a.scheduled_for)}" if a.scheduled_for else ""
        done = "scheduled" if a.scheduled_for else DONE[a.kind]
        yield a.made_at, 4, f"bundle {a.publication_id} {done}{when}{_by(a.by)}{_because(a.reason)}"
    reviews = Review.objects.filter(**({"activation__publication": about} if about else {}))
    for review in reviews.select_related("by", "activation"):
        yield (
            review.at,
            5,
            f"bundle {review.activation.publication_id} reviewed{_by(review.by)}{_because(review.reason)}",
        )


def _by(user: User | None) -> str:
    return f" by {user.username}" if user else " by somebody without a token"


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""
