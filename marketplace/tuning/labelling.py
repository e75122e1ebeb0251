"""The blind sample is labelled by moderators, who are not told what was decided. Some texts are labelled twice."""

import random
from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from decisions import Denied, Subject, decide_on_record
from marketplace.accounts.models import User
from marketplace.moderation.facts import labelling_facts
from marketplace.transactions import patiently, write
from marketplace.tuning.models import BLOCKED, Label, SampleText
from marketplace.tuning.sets import lot_of, open_version

POLICY: Final = "moderation_queue"
LOOKED_AT: Final = 20
"""Of the oldest texts that wait, one of so many comes next, so that two moderators rarely get the same."""


def to_label(moderator: User) -> QuerySet[SampleText]:
    """What others wrote, that this moderator has not labelled, and that wants more labels than it has."""
    by_moderator = Label.objects.filter(sample=OuterRef("pk"), by=moderator)
    waiting = SampleText.objects.filter(wanted__gt=0, until=None).exclude(author=moderator)
    waiting = waiting.annotate(given=Count("labels")).filter(~Exists(by_moderator))
    return waiting.filter(Q(given=0) | Q(given=1, wanted=2)).order_by("pk")


def next_to_label(moderator: User) -> int | None:
    waiting = list(to_label(moderator).values_list("pk", flat=True)[:LOOKED_AT])
    return random.choice(waiting) if waiting else None


def skip_sample(number: int) -> None:
    """Nobody is asked any more: the text is gone."""
    SampleText.objects.filter(pk=number).update(wanted=0)


def label_sample(*, moderator: User, number: int, categories: Collection[str], now: datetime) -> Label:
    """The first label counts. Raises SampleText.DoesNotExist, or Denied after the record of the refusal is committed."""
    return patiently(partial(_label, moderator, number, sorted(set(categories)), now))


def _label(moderator: User, number: int, categories: list[str], now: datetime) -> Label:
    with write():
        sample = SampleText.objects.select_for_update(no_key=True).get(pk=number, wanted__gt=0, until=None)
        given = list(sample.labels.order_by("-counts").values_list("by_id", flat=True))
        is_mine = moderator.pk in given
        facts = labelling_facts(
            moderator=moderator,
            author_id=sample.author_id,
            cause="blocked" if sample.kind == BLOCKED else "sampled",
            lot=lot_of(sample.name, (sample.kind, sample.text_id or 0)),
            first_by=moderator.pk if is_mine else given[0] if given else None,
            complete=len(given) >= sample.wanted and not is_mine,
        )
        subject = Subject(kind="sample", id=sample.pk, actor_id=moderator.pk)
        decision, _ = decide_on_record(POLICY, facts, now=now, subject=subject)
        if decision.permits:
            return Label.objects.create(
                sample=sample,
                since=open_version(sample.name, now=now).version,
                by=moderator,
                categories=categories,
                counts=not given,
                at=now,
            )
    raise Denied(decision)
