"""Labelled sets: their versions, their samples without texts, and their texts for detectors and for moderators."""

import hashlib
from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, Final, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from decisions import Denied, Subject, decide
from decisions.sealing import Erased, Unopened
from detectors.pipeline import Pipeline
from detectors.signal import Findings, Signal
from marketplace.accounts.models import User
from marketplace.desk.reading import read_text
from marketplace.flagged_texts import KEPT_BY
from marketplace.moderation.facts import reading_facts, strongest
from marketplace.moderation.keeping import read_kept
from marketplace.moderation.models import BlockedText
from marketplace.transactions import patiently, write
from marketplace.tuning.models import BLOCKED, Finding, Label, LabelledSet, SampleText, Source
from marketplace.tuning.samples import Sample, to_hundredths

AT_ONCE: Final = 500
CACHED: Final = 2
"""Versions of sets whose samples a process remembers. They contain no text."""

Row = TypeVar("Row")
Place = tuple[str, int]
"""Where a text of a person stands: its kind and number."""


class NoSuchSet(Exception):
    """The message says which sets there are."""


class DetectorsFail(Exception):
    """No detector can be trusted now; the message says why."""


def find_set(name: str, version: int | None = None) -> LabelledSet:
    """The newest version unless one is named. Raises NoSuchSet."""
    versions = LabelledSet.objects.filter(name=name).order_by("-version")
    found = (versions if version is None else versions.filter(version=version)).first()
    if found is not None:
        return found
    if newest := versions.first():
        raise NoSuchSet(f"the set `{name}` has no version {version}: its newest is {newest.version}")
    names = ", ".join(f"`{each}`" for each in set_names())
    raise NoSuchSet(
        f"there is no set `{name}`" + (f"; choose among {names}" if names else ", and no other one")
    )


def set_names() -> list[str]:
    return sorted(LabelledSet.objects.order_by().values_list("name", flat=True).distinct())


def versions_of(name: str) -> list[LabelledSet]:
    """The newest first."""
    return list(LabelledSet.objects.filter(name=name).order_by("-version"))


def lock_newest(name: str) -> LabelledSet | None:
    """Other changes of the set wait until this transaction ends."""
    versions = LabelledSet.objects.select_for_update(no_key=True).filter(name=name)
    return versions.order_by("-version").first()


def open_version(name: str, *, now: datetime) -> LabelledSet:
    """The version that may still change; a new one if the newest is frozen. Call it in the transaction of the change."""
    newest = lock_newest(name)
    if newest is not None and newest.frozen_at is None:
        return newest
    return LabelledSet.objects.create(name=name, version=newest.version + 1 if newest else 1, made_at=now)


def texts_in(labelled: LabelledSet) -> QuerySet[SampleText]:
    begun = SampleText.objects.filter(name=labelled.name, since__lte=labelled.version)
    return begun.filter(Q(until=None) | Q(until__gt=labelled.version))


def samples_of(labelled: LabelledSet) -> list[Sample]:
    """Those with a label that counts, by number, with what the newest detectors found that have examined each. Freezes the
    version, so that numbers that were counted from it can be counted again."""
    if labelled.frozen_at is None:
        patiently(lambda: _freeze(labelled), repeatable=True)
    key = (labelled.pk, labelled.frozen_at, _newest_finding(labelled.name))
    if key not in _remembered:
        _remembered[key] = tuple(_read_samples(labelled))
        while len(_remembered) > CACHED:
            _remembered.popitem(last=False)
    return list(_remembered[key])


_remembered: OrderedDict[tuple[int, datetime | None, int], Sequence[Sample]] = OrderedDict()


def _freeze(labelled: LabelledSet) -> None:
    with write():
        LabelledSet.objects.filter(pk=labelled.pk, frozen_at=None).update(frozen_at=timezone.now())
    labelled.refresh_from_db()


def _newest_finding(name: str) -> int:
    newest: int | None = Finding.objects.filter(sample__name=name).aggregate(newest=Max("pk"))["newest"]
    return newest or 0


def samples_by(labelled: LabelledSet, detectors: str) -> list[Sample]:
    """What these detectors found, in the texts that they have examined."""
    return list(_read_samples(labelled, detectors=detectors))


def _read_samples(labelled: LabelledSet, *, detectors: str = "") -> Iterator[Sample]:
    texts = texts_in(labelled)
    labels = dict(
        Label.objects.filter(sample__in=texts, counts=True, since__lte=labelled.version)
        .order_by()
        .values_list("sample_id", "categories")
    )
    found = Finding.objects.filter(sample__in=texts).order_by("pk")
    if detectors:
        found = found.filter(detectors=detectors)
    newest = {row[0]: row[1:] for row in found.values_list("sample_id", "language", "signals", "unavailable")}
    for number, mode in texts.order_by("pk").values_list("pk", "mode"):
        if number in labels and number in newest:
            language, signals, unavailable = newest[number]
            yield Sample(
                number=number,
                mode=mode,  # type: ignore[arg-type] # as its column allows
                language=language,  # type: ignore[arg-type] # as detectors wrote it
                signals=tuple(_as_signal(signal) for signal in signals),
                unavailable=tuple(unavailable),
                labels=frozenset(labels[number]),
            )


def _as_signal(signal: dict[str, Any]) -> Signal:
    return Signal(**{**signal, "score": to_hundredths(signal["score"])})


# What detectors find


def version_of(pipeline: Pipeline) -> str:
    """A hash of the names and versions of its detectors."""
    versions = "\n".join(sorted(f"{each.name} {each.version}" for each in pipeline.detectors))
    return hashlib.sha256(versions.encode()).hexdigest()


def examined(texts: Iterable[str], pipeline: Pipeline) -> Iterator[Findings]:
    """Slow: never call it inside a transaction. Raises DetectorsFail rather than judge with some of the detectors."""
    for text in texts:
        found = pipeline.examine(text)
        if problems := pipeline.problems():
            raise DetectorsFail(f"{problems[0].detector} {problems[0].version}: {problems[0].what}")
        yield found


def fields_of(found: Findings, *, detectors: str, now: datetime) -> dict[str, Any]:
    """What a Finding has beside its sample."""
    return {
        "detectors": detectors,
        "language": found.language,
        "signals": [asdict(signal) for signal in strongest(found.signals, _by_rule)],
        "unavailable": list(found.unavailable),
        "at": now,
    }


def _by_rule(signal: Signal) -> Hashable:
    """As many signals as there are rules, however long the text."""
    return signal.category, signal.detector, signal.rule, signal.reported, signal.quoted


def examine_again(labelled: LabelledSet, pipeline: Pipeline, *, now: datetime) -> int:
    """Examines the texts that these detectors have not seen, and returns their number. Texts that are gone keep what was found
    in them."""
    detectors = version_of(pipeline)
    seen = Finding.objects.filter(detectors=detectors).values("sample")
    unseen = texts_in(labelled).exclude(pk__in=seen)
    count = 0
    for some in in_parts(texts_of(labelled, among=unseen, now=now)):
        found = examined((text for _, text in some), pipeline)
        rows = [
            (number, fields_of(each, detectors=detectors, now=now))
            for (number, _), each in zip(some, found, strict=True)
        ]
        patiently(partial(_add, rows))
        count += len(rows)
    return count


def _add(findings: Iterable[tuple[int, dict[str, Any]]]) -> None:
    with write():
        Finding.objects.bulk_create(Finding(sample_id=number, **fields) for number, fields in findings)


def in_parts(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while part := list(islice(left, AT_ONCE)):
        yield part


# Texts


def texts_of(
    labelled: LabelledSet, *, now: datetime, among: QuerySet[SampleText] | None = None
) -> Iterator[tuple[int, str]]:
    """The number and the words of each text that is still there, for detectors only: a person reads with `read_sample`."""
    texts = (texts_in(labelled) if among is None else among).order_by("pk")
    for some in in_parts(texts.values_list("pk", "text", "kind", "text_id").iterator(AT_ONCE)):
        places = {number: (kind, text_id or 0) for number, text, kind, text_id in some if text is None}
        elsewhere = standing_texts(places.values(), now=now)
        for number, text, *_ in some:
            words = elsewhere.get(places[number]) if text is None else text
            if words:
                yield number, words


def standing_texts(places: Collection[Place], *, now: datetime) -> dict[Place, str]:
    """For detectors: the words of texts of people that are still there. One query for each kind."""
    found: dict[Place, str] = {}
    for kind in sorted({kind for kind, _ in places}):
        numbers = {number for each, number in places if each == kind}
        if kind == BLOCKED:
            kept = BlockedText.objects.kept(now).filter(pk__in=numbers)
            found |= {(kind, blocked.pk): words for blocked in kept if (words := _unsealed(blocked))}
        else:
            rows = KEPT_BY[kind].filter(pk__in=numbers).values_list("pk", "text")
            found |= {(kind, number): words for number, words in rows if words}
    return found


def _unsealed(blocked: BlockedText) -> str:
    try:
        return read_kept(blocked).text
    except (Erased, Unopened):
        return ""


def lot_of(name: str, place: Place) -> float:
    """From 0 to 1, always the same for a text, so that drawing again draws no more. Nobody outside can foresee it."""
    kind, number = place
    digest = salted_hmac("tuning.lot", f"{name}/{kind}/{number}", algorithm="sha256").digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def read_sample(*, moderator: User, number: int, now: datetime) -> str | None:
    """Decided and recorded. None if the text is gone. Raises SampleText.DoesNotExist, or Denied after the record of the refusal
    is committed."""
    sample = SampleText.objects.get(pk=number)
    if sample.text is not None:
        return patiently(lambda: _read_imported(moderator, sample, now))
    try:
        read = read_text(
            moderator=moderator,
            kind=sample.kind,  # type: ignore[arg-type]
            text_id=sample.text_id or 0,
            reading_for="unstated",
            now=now,
            lot=lot_of(sample.name, (sample.kind, sample.text_id or 0))
            if sample.source == Source.BLIND
            else None,
        )
    except ObjectDoesNotExist:
        return None
    return read.text or None


def _read_imported(moderator: User, sample: SampleText, now: datetime) -> str | None:
    facts = reading_facts(moderator=moderator, author_id=None, cause="imported", reading_for="unstated")
    subject = Subject(kind="sample", id=sample.pk, actor_id=moderator.pk)
    with write():
        decision = decide("moderation_queue", facts, now=now, subject=subject, record=True, superset=True)
        if decision.permits:
            return sample.text
    raise Denied(decision)
