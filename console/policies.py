"""The policies in force, one page each, and any two versions of one compared in words."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from console.access import for_readers
from decisions import bundles, conf
from engine import Bundle, PolicyNotInForce
from engine.bundle import Versions
from engine.cases.reader import case_files, read_cases
from engine.cases.run import CaseResult, Settled, run_case
from engine.compiled import CompiledPolicy
from engine.handbook.page import PolicyPage, find_unreachable, make_page
from engine.handbook.search import find_in
from engine.handbook.timeline import timeline
from engine.policy.comparison import compare
from engine.policy.released import read_lock
from marketplace.accounts.models import User

PAGES = 64
"""Of versions whose pages a process keeps."""


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
    released, _ = read_lock(conf.policies_dir())
    return render(request, "console/policy.html", {
        "page": _full_page(version, _fingerprint()),
        "timeline": timeline(versions, released, now),
        "others": [v.version for v in versions.all if v is not version],
    })  # fmt: skip


@require_safe
@for_readers
def compared(request: HttpRequest, user: User, name: str) -> HttpResponse:
    """What changed from one version to another, in words."""
    versions = _versions(bundles.current(), name)
    old, new = (_asked(versions, request.GET.get(key)) for key in ("old", "new"))
    context: dict[str, Any] = {"name": name, "versions": versions.all, "old": old, "new": new}
    if old is not None and new is not None:
        context["changes"] = compare(old.validated, new.validated)
    return render(request, "console/compared.html", context)


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
def _full_page(version: CompiledPolicy, fingerprint: tuple[Any, ...]) -> PolicyPage:
    """Made again when the version or the case files change."""
    results = _results(bundles.current(), version)
    return make_page(version, results, find_unreachable(version.validated))


def _results(bundle: Bundle, version: CompiledPolicy) -> list[CaseResult]:
    """Files with problems have the cases that are sound; `comity test` reports the problems."""
    settled: Settled = {}
    folder = settings.COMITY_CASES_DIR
    cases = [case for path in case_files([folder]) for case in read_cases(path)[0]] if folder.is_dir() else []
    return [run_case(bundle, case, settled) for case in cases if case.policy == version.name]


def _fingerprint() -> tuple[Any, ...]:
    folder = settings.COMITY_CASES_DIR
    files = case_files([folder]) if folder.is_dir() else []
    return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)
