"""Grows a labelled set with texts of this marketplace: those that moderators ruled on, and a blind sample."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db import IntegrityError
from django.db.models import F, Q

from decisions import bundles
from decisions.models import DecisionRecord
from detectors.pipeline import Pipeline
from detectors.signal import CATEGORIES
from marketplace.assistant.models import Author
from marketplace.errors import Refused
from marketplace.flagged_texts import KEPT_BY, flagged_texts
from marketplace.moderation.facts import mode_of
from marketplace.moderation.models import Appeal, AppealState, BlockedText, Kind, QueueItem, State, Verdict
from marketplace.moderation.strikes import category_of_rule
from marketplace.transactions import patiently, write
from marketplace.tuning.importing import CHANGED
from marketplace.tuning.models import BLOCKED, Finding, Label, LabelledSet, SampleText, Source
from marketplace.tuning.sets import (
    Place,
    examined,
    fields_of,
    in_parts,
    lock_newest,
    lot_of,
    open_version,
    standing_texts,
    version_of,
)

POLICY: Final = "moderation_queue"
WRITTEN: Final[Mapping[str, tuple[str, str]]] = {
    Kind.CHAT_MESSAGE: ("author_id", "sent_at"),
    Kind.REVIEW: ("buyer_id", "created_at"),
    Kind.DISPUTE_MESSAGE: ("author_id", "sent_at"),
    Kind.ASSISTANT_MESSAGE: ("conversation__owner_id", "sent_at"),
}
"""Whose a text is, and when it was written, by its kind."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a moderator said about a text; `categories` is None if the ruling names none of ours."""

    by: int
    at: datetime
    categories: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that may join a set. Without `judged` it is labelled on the page."""

    place: Place
    author_id: int
    mode: str
    source: Source
    judged: Judged | None = None


@dataclass(frozen=True, slots=True)
class Grown:
    """How many texts joined, by source. `corrected` have another label than before; `unclear` were upheld for a reason that is no
    category; `gone` are no longer there."""

    version: int
    added: Mapping[str, int]
    corrected: int
    unclear: int
    gone: int


def grow_set(name: str, *, pipeline: Pipeline, since: datetime, now: datetime) -> Grown:
    """From all rulings and granted appeals, and from the texts of a blind sample that were written after `since`. Doing it again
    adds what is new. Raises DetectorsFail or Refused."""
    judged = {each.place: each for each in _ruled()} | {each.place: each for each in _appealed()}
    unclear = sum(1 for each in judged.values() if each.judged and each.judged.categories is None)
    clear = {
        place: each for place, each in judged.items() if each.judged and each.judged.categories is not None
    }
    drawn = {each.place: each for each in drawn_texts(name, since=since, now=now)}
    before = _before(name)
    wanted = [each for each in (drawn | clear).values() if _is_new(each, before)]
    texts = {
        place: text
        for part in in_parts(each.place for each in wanted)
        for place, text in standing_texts(part, now=now).items()
    }
    new = [each for each in wanted if each.place in texts]
    detectors = version_of(pipeline)
    found = examined((texts[each.place] for each in new), pipeline)
    findings = [fields_of(each, detectors=detectors, now=now) for each in found]
    try:
        version, corrected = patiently(partial(_grow, name, new, findings, now))
    except IntegrityError:
        raise Refused("set-changed", CHANGED) from None
    added = Counter(str(each.source) for each in new)
    return Grown(version, dict(added), corrected, unclear, len(wanted) - len(new))


Before = tuple[int, str, tuple[str, ...] | None]
"""The number of a sample, its source, and the categories of the label that counts."""


def _before(name: str) -> dict[Place, Before]:
    texts = SampleText.objects.filter(name=name, until=None).exclude(source=Source.IMPORT)
    labels = dict(
        Label.objects.filter(sample__in=texts, counts=True).order_by().values_list("sample_id", "categories")
    )
    return {
        (kind, text_id or 0): (number, source, tuple(labels[number]) if number in labels else None)
        for number, source, kind, text_id in texts.values_list("pk", "source", "kind", "text_id")
    }


def _is_new(candidate: Candidate, before: Mapping[Place, Before]) -> bool:
    """Whoever labels a text of the blind sample is not told how it was ruled, so a ruling does not change such a text."""
    known = before.get(candidate.place)
    if known is None:
        return True
    _, source, categories = known
    return (
        candidate.judged is not None and source != Source.BLIND and candidate.judged.categories != categories
    )


def _grow(
    name: str, new: Iterable[Candidate], findings: Iterable[Mapping[str, Any]], now: datetime
) -> tuple[int, int]:
    with write():
        newest = lock_newest(name)
        before = _before(name)
        rows = [(each, found) for each, found in zip(new, findings, strict=True) if _is_new(each, before)]
        if not rows:
            return (newest.version if newest else 0), 0
        version = open_version(name, now=now)
        corrected = [before[each.place][0] for each, _ in rows if each.place in before]
        for part in in_parts(corrected):
            SampleText.objects.filter(pk__in=part).update(until=version.version)
        twice = _share("twice_passed", now), _share("twice_blocked", now)
        for some in in_parts(rows):
            _add(version, some, twice, now)
    return version.version, len(corrected)


def _add(
    version: LabelledSet,
    rows: Iterable[tuple[Candidate, Mapping[str, Any]]],
    twice: tuple[float, float],
    now: datetime,
) -> None:
    """`twice`: which share of passed and of blocked texts two people label."""
    candidates, findings = zip(*rows, strict=True)
    texts = SampleText.objects.bulk_create(
        SampleText(
            name=version.name,
            since=version.version,
            source=each.source,
            mode=each.mode,
            author_id=each.author_id,
            kind=each.place[0],
            text_id=each.place[1],
            wanted=0 if each.judged else _wanted(version.name, each.place, twice),
        )
        for each in candidates
    )
    Finding.objects.bulk_create(
        Finding(sample=text, **found) for text, found in zip(texts, findings, strict=True)
    )
    Label.objects.bulk_create(
        Label(
            sample=text,
            since=version.version,
            by_id=each.judged.by,
            categories=list(each.judged.categories or ()),
            counts=True,
            at=each.judged.at,
        )
        for text, each in zip(texts, candidates, strict=True)
        if each.judged
    )


def _wanted(name: str, place: Place, twice: tuple[float, float]) -> int:
    return 2 if lot_of(name, place) < twice[place[0] == BLOCKED] else 1


# Rulings


def _ruled() -> Iterator[Candidate]:
    """An upheld flag gives the category of the ruling's reason, or else the one that the text was judged by."""
    resolved = QueueItem.objects.filter(state=State.RESOLVED, final_verdict="").order_by("pk")
    for items in in_parts(resolved.select_related("decision").iterator()):
        places = flagged_texts(items)
        reasons = _reasons(item.ruling_id for item in items)
        for item in items:
            number = places[item.pk].subject_id
            if number is None or item.resolved_by_id is None or item.resolved_at is None:
                continue
            because = reasons.get(item.ruling_id or 0, "")
            categories = () if item.standing == Verdict.OVERTURN else _category(because, item.decision.rule)
            yield Candidate(
                (BLOCKED if item.blocked else item.kind, number),
                item.author_id,
                mode_of(item.kind),
                Source.RULING,
                Judged(item.resolved_by_id, item.resolved_at, categories),
            )


def _reasons(rulings: Iterable[int | None]) -> dict[int, str]:
    """The codes of listed reasons, as they were decided about."""
    records = DecisionRecord.objects.filter(pk__in=[each for each in rulings if each], policy=POLICY)
    return {record: str(facts.get("because", "")) for record, facts in records.values_list("pk", "facts")}


def _category(because: str, rule: str) -> tuple[str, ...] | None:
    if because:
        return (because,) if because in CATEGORIES else None
    judged = category_of_rule(rule)
    return (judged,) if judged else None


def _appealed() -> Iterator[Candidate]:
    """A text whose author was right is harmless; one whose reporter was right has the category of the report."""
    granted = Appeal.objects.filter(state=AppealState.OVERTURNED).order_by("pk")
    for appeals in in_parts(granted.select_related("item", "report").iterator()):
        items = [each.item for each in appeals if each.item is not None]
        places = flagged_texts(items)
        sealed = BlockedText.objects.filter(decision__in=[each.decision_id for each in appeals])
        blocked = dict(sealed.values_list("decision_id", "pk"))
        for appeal in appeals:
            place = _place_of(appeal, blocked, places[appeal.item_id].subject_id if appeal.item_id else None)
            if place is None or appeal.ruled_by_id is None or appeal.ruled_at is None:
                continue
            categories = () if appeal.report is None else _category(appeal.report.because, "")
            yield Candidate(
                place,
                appeal.author_id,
                mode_of(appeal.kind),
                Source.APPEAL,
                Judged(appeal.ruled_by_id, appeal.ruled_at, categories),
            )


def _place_of(appeal: Appeal, blocked: Mapping[int, int], in_queue: int | None) -> Place | None:
    if appeal.decision_id in blocked:
        return BLOCKED, blocked[appeal.decision_id]
    if in_queue is None:
        return None
    return (BLOCKED if appeal.item and appeal.item.blocked else appeal.kind), in_queue


# The blind sample


def drawn_texts(name: str, *, since: datetime, now: datetime) -> Iterator[Candidate]:
    """Among blocked texts that are still kept, and texts that nobody flagged or reported."""
    share = _share("sampled_blocked", now)
    kept = BlockedText.objects.kept(now).filter(blocked_at__gte=since).order_by("pk")
    for number, author_id, kind in kept.values_list("pk", "author_id", "kind").iterator():
        place = (BLOCKED, number)
        if lot_of(name, place) < share:
            yield Candidate(place, author_id, mode_of(kind), Source.BLIND)
    share = _share("sampled_passed", now)
    for kind, (author, at) in WRITTEN.items():
        by_people = Q(author=Author.USER) if kind == Kind.ASSISTANT_MESSAGE else Q()
        passed = KEPT_BY[kind].filter(by_people, Q(**{f"{at}__gte": since}), queue_item=None).exclude(text="")
        rows = passed.order_by("pk").values_list("pk", F(author))
        for number, author_id in rows.iterator():
            place = (kind, number)
            if lot_of(name, place) < share:
                yield Candidate(place, author_id, mode_of(kind), Source.BLIND)


def _share(parameter: str, now: datetime) -> float:
    """0 if the policy in force has no such parameter."""
    version = bundles.current().version_at(POLICY, now)
    found = version.validated.policy.parameters.get(parameter)
    return float(found.value) if found and isinstance(found.value, int | float) else 0.0
