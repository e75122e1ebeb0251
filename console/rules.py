"""Rules and detectors: how right each rule is, two versions of the detectors, drift, and what scores mean."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from console.access import for_profile_tuners
from console.opening import SHOWN, TextList, open_texts
from console.plots import draw_reliability, draw_weeks
from console.submitted import Unread, told
from decisions import Denied, bundles
from detectors.calibrate import SHARE
from marketplace.accounts.models import User
from marketplace.moderation import detection
from marketplace.moderation.services import POLICY
from marketplace.tuning import sets
from marketplace.tuning.comparing import Comparison, compare, examinations_of, samples_of_both
from marketplace.tuning.drift import name_bins
from marketplace.tuning.models import LabelledSet
from marketplace.tuning.reliability import detectors_of, measure_reliability
from marketplace.tuning.rules import WORST_FIRST, RuleCount, count_rules
from marketplace.tuning.samples import Sample
from marketplace.tuning.thresholds import Change, Side
from marketplace.tuning.weeks import read_standing

DOES: Final[Mapping[Side, str]] = {"blocked": "blocks", "held": "holds", "flagged": "flags"}


def show(request: HttpRequest, user: User) -> HttpResponse:
    now = timezone.now()
    names = sets.set_names()
    labelled = _chosen(request, names)
    samples = sets.samples_of(labelled) if labelled else []
    context: dict[str, Any] = {"opened": [], "names": names, "labelled": labelled, "shown": SHOWN}
    status = 200
    if request.method == "POST":
        try:
            context["opened"] = open_texts(request.POST.getlist("number"), samples, moderator=user, now=now)
        except (Unread, Denied) as error:
            context["problem"], status = told(error)
    context |= (
        _rules(samples, now) | _detectors(request, labelled, now) | _drift(now) | _scores(request, samples)
    )
    context |= {"reads": user.moderates, "query": request.GET.urlencode()}
    return render(request, "console/rules.html", context, status=status)


rules = require_http_methods(["GET", "HEAD", "POST"])(for_profile_tuners(show))


def _chosen(request: HttpRequest, names: Sequence[str]) -> LabelledSet | None:
    """The newest version of the set in the address, or else of the first."""
    name = request.GET.get("set", "")
    if name and name not in names:
        raise Http404
    return sets.find_set(name or names[0]) if names else None


def _rules(samples: Sequence[Sample], now: datetime) -> dict[str, Any]:
    version = bundles.current().version_at(POLICY, now)
    counts = count_rules(samples, version, rules=detection.configured().rules(), now=now)
    return {
        "samples": samples,
        "stopping": [(count, _harmed(count)) for count in counts if count.worst],
        "right": [count for count in counts if not count.worst and not count.is_silent],
        "silent": [count for count in counts if count.is_silent],
    }


def _harmed(count: RuleCount) -> list[TextList]:
    return [
        TextList(DOES[side], count.rule, count.harmless[side]) for side in WORST_FIRST if count.harmless[side]
    ]


def _detectors(request: HttpRequest, labelled: LabelledSet | None, now: datetime) -> dict[str, Any]:
    pipeline = detection.configured()
    examinations = examinations_of(labelled) if labelled else []
    context: dict[str, Any] = {
        "installed": sorted({(each.name, each.version) for each in pipeline.detectors}),
        "examinations": examinations,
    }
    if labelled and len(examinations) > 1 and "compare" in request.GET:
        newest, before = examinations[:2]
        old, new = samples_of_both(labelled, before, newest)
        comparison = compare(old, new, now=now)
        context |= {"both": len(old), "comparison": comparison, "moved": _moved(comparison)}
    return context


def _moved(comparison: Comparison) -> list[tuple[str, list[TextList]]]:
    return [
        ("If the thresholds stay", _kinds(comparison.changes)),
        ("With translated thresholds", _kinds(comparison.changes_translated)),
    ]


def _kinds(changes: Iterable[Change]) -> list[TextList]:
    """Texts that change sides in the same way, harmless ones first."""
    kinds: dict[str, list[int]] = {}
    for change in sorted(changes, key=lambda change: bool(change.sample.labels)):
        said = "labelled" if change.sample.labels else "harmless"
        kinds.setdefault(f"{said}, {change.before} before, {change.after} now", []).append(
            change.sample.number
        )
    return [TextList(what, what, numbers) for what, numbers in kinds.items()]


def _drift(now: datetime) -> dict[str, Any]:
    standing = read_standing(now=now)
    return {
        "standing": standing,
        "drifts": [
            (drift, drift.alarms(standing.limit), draw_weeks(standing.weeks, drift.category))
            for drift in standing.drifts
            if sum(drift.before[1:]) or sum(drift.latest[1:])
        ],
        "bins": name_bins(),
    }


def _scores(request: HttpRequest, samples: Sequence[Sample]) -> dict[str, Any]:
    """Of one category, as in the set or as if the share were the one that scores are calibrated for."""
    found = detectors_of(samples)
    categories = sorted({category for _, category in found})
    category = request.GET.get("category", "")
    if category not in categories:
        labelled = Counter(label for sample in samples for label in sample.labels)
        category = max(categories, key=lambda each: labelled[each], default="")
    share = SHARE if request.GET.get("share") == "usual" else None
    plots = [
        draw_reliability(measure_reliability(samples, detector=detector, category=category, share=share))
        for detector, of in found
        if of == category
    ]
    return {
        "categories": categories,
        "category": category,
        "plots": plots,
        "is_usual": bool(share),
        "share": SHARE,
    }
