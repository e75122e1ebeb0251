"""Recorded decisions: a search, and one decision with its reasons, its replay and its place in the chain."""

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.access import for_readers
from console.reasons import reasons_of, tone
from console.submitted import DIGITS, read_number
from decisions import bundles
from decisions.chain import head_that_seals
from decisions.models import DecisionRecord
from decisions.reading import view_decision
from decisions.replay import Replayer
from decisions.search import SEARCHED, Wanted, find_decisions
from engine.compiled import CompiledPolicy
from engine.explain.sentences import Sentence, otherwise_sentences, rule_sentences
from marketplace.accounts.models import User
from marketplace.parties import NAMES_REPORTER, facts_for_parties, hidden_facts

FIELDS = ("policy", "outcome", "rule", "subject", "person", "since", "until")


@require_safe
@for_readers
def decisions(request: HttpRequest, user: User) -> HttpResponse:
    """A page of what was searched for, by default of all."""
    errors: dict[str, str] = {}
    wanted = _wanted(request.GET, errors)
    context: dict[str, Any] = {
        "given": {name: request.GET.get(name, "") for name in FIELDS},
        "errors": errors,
        "narrowed": any(request.GET.get(name) for name in FIELDS),
        "policies": sorted(bundles.current().policies),
        "searched": SEARCHED,
    }
    if not errors:
        found = find_decisions(wanted, unnamed=NAMES_REPORTER)
        context |= {"found": found, "next": _next(request.GET, found.before)}
    return render(request, "console/decisions.html", context, status=422 if errors else 200)


@require_safe
@for_readers
def decision(request: HttpRequest, user: User, decision_id: int) -> HttpResponse:
    if decision_id >= 10**DIGITS:
        raise Http404
    try:
        record = DecisionRecord.objects.get(pk=decision_id)
    except DecisionRecord.DoesNotExist:
        raise Http404 from None
    hidden = hidden_facts(record, reader=user)
    view = view_decision(record, facts=None, hidden=hidden)
    return render(request, "console/decision.html", {
        "record": record,
        "view": view,
        "names_actor": record.actor_id is not None and "actor_id" not in hidden,
        "tone": tone(record.outcome, view.version_read.outcomes) if view.version_read else "",
        "sentences": deciding_sentences(view.version_read, record) if view.version_read else [],
        "reasons": reasons_of(view.explanation, view.version_read),
        "outputs": _outputs(record, view.version_read),
        "party": view_decision(record, facts=facts_for_parties(record)),
        "head": head_that_seals(record),
        "replayed": Replayer().replay(record) if "replay" in request.GET else None,
    })  # fmt: skip


def deciding_sentences(version: CompiledPolicy, record: DecisionRecord) -> list[Sentence]:
    """The rule that decided."""
    validated = version.validated
    rule_id = record.rule.partition("[")[0]
    for typed in validated.rules:
        if typed.rule.id == rule_id:
            return rule_sentences(validated, typed)
    return otherwise_sentences(validated) if validated.policy.otherwise.id == rule_id else []


def _outputs(record: DecisionRecord, version: CompiledPolicy | None) -> dict[str, Any]:
    """Without those that would reveal a private fact."""
    if version is None:
        return {}
    outputs = (record.answer or {}).get("outputs", {})
    return {name: value for name, value in outputs.items() if name not in version.private_outputs}


def _wanted(given: QueryDict, errors: dict[str, str]) -> Wanted:
    return Wanted(
        policy=given.get("policy", "").strip()[:100],
        outcome=given.get("outcome", "").strip()[:100],
        rule=given.get("rule", "").strip()[:200],
        subject_id=_number(given, "subject", errors),
        actor_id=_number(given, "person", errors),
        since=_moment(given, "since", errors),
        until=_moment(given, "until", errors),
        before=_number(given, "before", errors),
    )


def _number(given: QueryDict, name: str, errors: dict[str, str]) -> int | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    number = read_number(text)
    if number is None:
        errors[name] = "This should be a whole number."
    return number


def _moment(given: QueryDict, name: str, errors: dict[str, str]) -> datetime | None:
    """As browsers send it, in UTC."""
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        errors[name] = "This should be a day and a time, such as 2026-03-01T12:00."
        return None


def _next(given: QueryDict, before: int | None) -> str:
    """The query of the next page."""
    if before is None:
        return ""
    query = given.copy()
    query["before"] = str(before)
    return query.urlencode()
