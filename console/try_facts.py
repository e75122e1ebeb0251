"""Try facts on a policy: a form made from its declaration, or JSON; the decision, and why. Nothing is recorded."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.http import require_http_methods, require_safe

from console.access import for_readers
from console.fact_form import OFFSETS, read_facts, show_facts
from console.reasons import Reasons, reasons_of, tone
from console.submitted import read_number
from decisions import bundles, trial
from decisions.models import DecisionRecord
from decisions.reading import view_decision
from decisions.texts import TextUnavailable
from documents.strict_json import StrictJSONError, parse_json
from engine import Budget, Bundle, Decision, PolicyNotInForce
from engine.bundle import Versions
from engine.claims.case_text import WrittenCase, case_file
from engine.compiled import CompiledPolicy
from engine.explain.change import NOW, fact_at
from engine.expression.values import to_json
from engine.policy.model import Fact
from marketplace.accounts.models import User
from marketplace.parties import hidden_facts
from marketplace.publishing.models import Publication
from marketplace.publishing.standing import bundle_of

MAX_JSON: Final = 100_000
BUNDLES: Final = 20
"""Published bundles that can be chosen."""
BUNDLE: Final = "bundle-"
HIDDEN: Final = "it does not fit its declaration"
"""Instead of a message about a private fact, which might quote its value."""


@dataclass(frozen=True, slots=True)
class Tried:
    """`label` says which version decided."""

    label: str
    decision: Decision
    message: str
    reasons: Reasons
    errors: Mapping[str, str]
    ways_out: tuple[str, ...]
    outputs: Mapping[str, Any]
    tone: str


@require_safe
@for_readers
def choose_policy(request: HttpRequest, user: User) -> HttpResponse:
    bundle, now = bundles.current(), timezone.now()
    shown = [_version_shown(versions, now) for versions in bundle.policies.values()]
    return render(request, "console/choose_policy.html", {"versions": sorted(shown, key=lambda v: v.name)})


def show(request: HttpRequest, user: User, name: str) -> HttpResponse:
    bundle = bundles.current()
    if name not in bundle.policies:
        raise Http404
    versions = bundle.policies[name]
    given = request.POST if request.method == "POST" else request.GET
    number, other = given.get("version", ""), given.get("other", "")
    at, problem = _moment(given.get("at", ""))
    version = _numbered(versions, number) or _version_shown(versions, at or timezone.now())
    declared = version.validated.policy.facts
    facts, problem = _facts(request, user, declared, problem)
    decides = request.method == "POST" and not problem and not {"add", "remove"} & request.POST.keys()
    now = at or timezone.now()
    context: dict[str, Any] = {
        "name": name, "version": version, "numbers": [v.version for v in versions.all], "offsets": OFFSETS,
        "chosen": number, "other": other, "at": given.get("at", ""), "problem": problem,
        "offset": "+00:00", "json": request.POST.get("json", "") if problem else "",
        "bundles": _bundles(), "search": "search" in request.POST, "has_private": any(f.private for f in declared.values()),
    }  # fmt: skip
    errors: Mapping[str, str] = {}
    if decides:
        tried = _try(bundle, versions, number, facts, now, context["search"])
        errors = tried.errors if tried else {}
        context |= {"tried": tried, "link": _link(name, number, other, now, facts, declared)}
        if tried is not None:
            context["case"] = _case(name, tried, facts, declared)
        if other and _numbered(versions, other):
            context["compared"] = _try(bundle, versions, other, facts, now, False, superset=True)
        elif other.startswith(BUNDLE):
            context |= _under_bundle(name, other, facts, now)
        if tried is None:
            context["problem"] = (
                "No version of the policy is in force at that moment. Choose another moment, or a version."
            )
    context["fields"] = show_facts(declared, facts, errors)
    refused = bool(context["problem"]) or bool(errors)
    return render(request, "console/try_facts.html", context, status=422 if refused else 200)


try_facts = require_http_methods(["GET", "HEAD", "POST"])(for_readers(show))


def _facts(
    request: HttpRequest, user: User, declared: Mapping[str, Fact], problem: str
) -> tuple[dict[str, Any], str]:
    """From the form, the pasted JSON, or a recorded decision; and what is wrong with them."""
    if request.method == "POST":
        if not request.POST.get("json", "").strip():
            return read_facts(declared, request.POST), problem
        return _pasted(request.POST["json"], problem)
    recorded = read_number(request.GET.get("decision", ""))
    if recorded is not None:
        try:
            record = DecisionRecord.objects.get(pk=recorded)
        except DecisionRecord.DoesNotExist:
            raise Http404 from None
        hidden = hidden_facts(record, reader=user)
        return view_decision(record, facts=None, hidden=hidden).facts, problem
    return {}, problem


def _pasted(text: str, problem: str) -> tuple[dict[str, Any], str]:
    if len(text) > MAX_JSON:
        return {}, f"The JSON has more than {MAX_JSON:,} characters."
    try:
        facts = parse_json(text.encode("utf-8", "surrogatepass"))
    except StrictJSONError as error:
        return {}, f"This is not JSON: {error}."
    return (facts, problem) if isinstance(facts, dict) else ({}, "The facts should be one JSON object.")


def _try(
    bundle: Bundle,
    versions: Versions,
    number: str,
    facts: Mapping[str, Any],
    now: datetime,
    search: bool,
    *,
    superset: bool = False,
) -> Tried | None:
    """None if no version is in force."""
    name = versions.all[0].name
    asked = _numbered(versions, number)
    budget = Budget() if search else None
    deciding = trial.under(name, asked.version) if asked else bundle
    try:
        decision = deciding.decide(
            name, facts, now=now, explain=True, counterfactuals=budget, superset=superset
        )
    except PolicyNotInForce:
        return None
    version = versions.by_number[decision.version]
    declared = version.validated.policy.facts
    errors = {error.path: _told(error.path, error.message, declared) for error in decision.errors}
    message = next(iter(errors.values()), decision.message)
    label = f"version {decision.version}" + ("" if asked else ", in force at that moment")
    reasons = reasons_of(decision.explanation, deciding.version_of(decision))
    outputs = {n: to_json(v) for n, v in decision.outputs.items() if n not in version.private_outputs}
    return Tried(
        label,
        decision,
        message,
        reasons,
        errors,
        _ways_out(decision, declared),
        outputs,
        tone(decision.outcome, version.outcomes),
    )


def _bundles() -> list[tuple[str, int]]:
    """The newest published bundles, as choices. One query."""
    numbers = Publication.objects.order_by("-pk").values_list("pk", flat=True)[:BUNDLES]
    return [(f"{BUNDLE}{number}", number) for number in numbers]


def _under_bundle(name: str, other: str, facts: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The decision of a published bundle, or why there is none."""
    number = read_number(other.removeprefix(BUNDLE))
    if number is None:
        raise Http404
    publication = Publication.objects.filter(pk=number).first()
    if publication is None:
        raise Http404
    try:
        bundle = bundle_of(publication)
    except TextUnavailable as error:
        return {"not_compared": f"{capfirst(str(error))}."}
    if name not in bundle.policies:
        return {"not_compared": f"Bundle {number} has no such policy."}
    tried = _try(bundle, bundle.policies[name], "", facts, now, False, superset=True)
    if tried is None:
        return {"not_compared": f"No version of the policy in bundle {number} is in force at that moment."}
    return {"compared": replace(tried, label=f"version {tried.decision.version} of bundle {number}")}


def _told(path: str, message: str, declared: Mapping[str, Fact]) -> str:
    fact = declared.get(fact_at(path))
    return f"{path.replace('_', ' ')}: {HIDDEN}" if fact is not None and fact.private else message


def _ways_out(decision: Decision, declared: Mapping[str, Fact]) -> tuple[str, ...]:
    """Without those that would say something about a private fact."""
    found = (decision.counterfactuals or {}).get("found", [])

    def is_private(change: Mapping[str, Any]) -> bool:
        return change["fact"] != NOW and declared[fact_at(change["fact"])].private

    return tuple(way["text"] for way in found if not any(map(is_private, way["changes"])))


def _public(facts: Mapping[str, Any], declared: Mapping[str, Fact]) -> dict[str, Any]:
    """The declared facts that are not private."""
    return {name: value for name, value in facts.items() if name in declared and not declared[name].private}


def _case(name: str, tried: Tried, facts: Mapping[str, Any], declared: Mapping[str, Fact]) -> str:
    """The YAML of a case that expects what was decided."""
    decision = tried.decision
    left_out = [fact for fact in declared if declared[fact].private]
    comment = "Made on the page that tries facts."
    if left_out:
        comment += f" Add the private facts yourself: {', '.join(left_out)}."
    if len(tried.outputs) < len(tried.decision.outputs):  # a case names every output or none
        decision = decision._replace(outputs={})
    written = WrittenCase("say what this case shows", _public(facts, declared), decision)
    return case_file(name, [written], comment)


def _link(
    name: str, number: str, other: str, now: datetime, facts: Mapping[str, Any], declared: Mapping[str, Fact]
) -> str:
    """The facts are in the fragment, which browsers keep to themselves."""
    query = {"version": number, "other": other, "at": now.astimezone(UTC).isoformat().replace("+00:00", "Z")}
    written = json.dumps(_public(facts, declared), ensure_ascii=False, separators=(",", ":"))
    fragment = base64.urlsafe_b64encode(written.encode("utf-8", "surrogatepass")).decode().rstrip("=")
    asked = urlencode({key: value for key, value in query.items() if value})
    return f"{reverse('console:try-one', args=[name])}?{asked}#facts={fragment}"


def _moment(text: str) -> tuple[datetime | None, str]:
    """A moment with its offset, or in UTC without one; None for now."""
    if not text.strip():
        return None, ""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None, "The moment should be written like 2026-03-01T12:00Z."
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not 1970 <= moment.year < 2200:
        return None, "A moment lies between 1970 and 2200."
    return moment, ""


def _numbered(versions: Versions, number: str) -> CompiledPolicy | None:
    known = {str(v.version): v for v in versions.all}
    return known.get(number)


def _version_shown(versions: Versions, now: datetime) -> CompiledPolicy:
    try:
        return versions.at(now)
    except (PolicyNotInForce, ValueError):
        return versions.newest
