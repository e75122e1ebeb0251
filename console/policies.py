"""The policies in force, one page each, and any two versions of one compared in words."""

from functools import lru_cache
from pathlib import PurePath
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from console.access import for_readers
from console.beside import Coverage, beside, coverage_of, decided_lately
from console.changed import otherwise_of
from console.material import Stamp, material
from decisions import bundles
from engine import Bundle, PolicyNotInForce
from engine.backends.smt.question import Limits
from engine.bundle import Versions
from engine.cases.coverage import measure_coverage
from engine.cases.run import Settled, run_case
from engine.claims import extra, words
from engine.claims.bundles import compare_versions
from engine.claims.difference import Difference, NotConfirmed
from engine.compiled import CompiledPolicy
from engine.handbook.page import PolicyPage, find_unreachable, make_page
from engine.handbook.search import find_in
from engine.handbook.timeline import timeline
from engine.policy.comparison import compare
from marketplace.accounts.models import User
from marketplace.publishing.checking import ChecksBusy, one_at_a_time

PAGES = 64
"""Of versions whose pages a process keeps."""
EFFORT = 2_000_000
"""Of the solver for each question: a tenth of what `comity diff` spends, since somebody waits for the page."""


@require_safe
@for_readers
def policies(request: HttpRequest, user: User) -> HttpResponse:
    """The list, or what a search finds."""
    bundle, now = bundles.current(), timezone.now()
    wanted = request.GET.get("q", "").strip()[:100]
    shown = [_plain_page(_version_shown(versions, now)) for versions in bundle.policies.values()]
    pages = sorted(shown, key=lambda page: page.title)
    found = [hit for page in pages for hit in find_in(page, wanted)] if wanted else []
    return render(request, "console/policies.html", {"pages": pages, "wanted": wanted, "found": found})


@require_safe
@for_readers
def policy(request: HttpRequest, user: User, name: str) -> HttpResponse:
    """One version: that in force, or the one asked for."""
    bundle, now = bundles.current(), timezone.now()
    versions = _versions(bundle, name)
    version = _asked(versions, request.GET.get("version")) or _version_shown(versions, now)
    known = material()
    page, coverage = _full_page(version, known.stamp)
    lately = decided_lately(version)
    return render(request, "console/policy.html", {
        "page": page,
        "coverage": coverage,
        "lately": lately,
        "beside": beside(version, coverage, known.claims_of(version), lately),
        "timeline": timeline(versions, known.released, now),
        "others": [v.version for v in versions.all if v is not version],
    })  # fmt: skip


@require_safe
@for_readers
def policy_text(request: HttpRequest, user: User, name: str) -> HttpResponse:
    """The YAML file of a version, with all versions that are in it."""
    versions = _versions(bundles.current(), name)
    version = _asked(versions, request.GET.get("version")) or _version_shown(versions, timezone.now())
    source = version.validated.policy.node.source
    headers = {"Content-Disposition": f'attachment; filename="{PurePath(source.file).name}"'}
    return HttpResponse(source.text, "application/yaml; charset=utf-8", headers=headers)


@require_safe
@for_readers
def compared(request: HttpRequest, user: User, name: str) -> HttpResponse:
    """What changed from one version to another, in words."""
    versions = _versions(bundles.current(), name)
    old, new = (_asked(versions, request.GET.get(key)) for key in ("old", "new"))
    context: dict[str, Any] = {"name": name, "versions": versions.all, "old": old, "new": new}
    status = 200
    if old is not None and new is not None:
        context["changes"] = compare(old.validated, new.validated)
        if "otherwise" in request.GET:
            found, status = _otherwise(old, new)
            context |= {"asked": True} | found
    return render(request, "console/compared.html", context, status=status)


def _otherwise(old: CompiledPolicy, new: CompiledPolicy) -> tuple[dict[str, Any], int]:
    """For each kind of change the smallest facts that the two decide otherwise, and what the search could not exclude."""
    if not extra.is_installed():
        return {"not_compared": f"This needs a solver: {extra.INSTALL} on the server."}, 200
    try:
        with one_at_a_time():
            difference = _difference(old, new)
    except ChecksBusy:
        return {
            "not_compared": "This server is busy with another comparison. Please try again in a moment."
        }, 503
    except NotConfirmed as error:
        return {"not_compared": f"{capfirst(str(error))}. Please report this."}, 500
    return {
        "otherwise": [otherwise_of(change) for change in difference.changes],
        "not_proven": [words.not_proven(missing) for missing in difference.not_proven],
    }, 200


@lru_cache(PAGES)
def _difference(old: CompiledPolicy, new: CompiledPolicy) -> Difference:
    return compare_versions(old, new, limits=Limits(effort=EFFORT))


def _versions(bundle: Bundle, name: str) -> Versions:
    if name not in bundle.policies:
        raise Http404
    return bundle.policies[name]


def _version_shown(versions: Versions, now: Any) -> CompiledPolicy:
    try:
        return versions.at(now)
    except PolicyNotInForce:
        return versions.newest


def _asked(versions: Versions, number: str | None) -> CompiledPolicy | None:
    """None if nothing was asked for. Raises Http404 for a version that there is not."""
    if not number:
        return None
    known = {str(v.version): v for v in versions.all}
    if number not in known:
        raise Http404
    return known[number]


@lru_cache(PAGES)
def _plain_page(version: CompiledPolicy) -> PolicyPage:
    return make_page(version)


@lru_cache(PAGES)
def _full_page(version: CompiledPolicy, stamp: Stamp) -> tuple[PolicyPage, Coverage | None]:
    """Made again when the version or the cases change. There is no coverage of a version that never decides."""
    bundle = bundles.current()
    settled: Settled = {}
    known = material()
    results = [run_case(bundle, case, settled) for case in known.cases if case.policy == version.name]
    measured = [
        each for each in measure_coverage(bundle, results, [version.name]) if each.version == version.version
    ]
    page = make_page(version, results, find_unreachable(version.validated), known.claims_of(version))
    return page, coverage_of(measured[0]) if measured else None
