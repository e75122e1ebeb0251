"""The moderation profiles: what other thresholds would do to labelled texts and to those of the last 30 days, and a draft of the
change."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods

from console.access import for_profile_tuners
from console.board import Board, Field, read_board, written
from console.changes import base_or_problem
from console.histogram import Histogram, histograms
from console.opening import TextList, open_texts
from console.submitted import Unread, told
from decisions import Denied, bundles, trial
from decisions.texts import TextUnavailable
from engine.claims import claim_words
from engine.claims.difference import NotConfirmed
from engine.claims.proof import Proof
from engine.compiled import CompiledPolicy
from marketplace.accounts.models import User
from marketplace.errors import Refused
from marketplace.moderation.facts import Mode
from marketplace.moderation.services import POLICY
from marketplace.publishing.checking import ChecksBusy, one_at_a_time
from marketplace.publishing.files import BundleRefused
from marketplace.publishing.offers import offer_to_publish
from marketplace.tuning import sets
from marketplace.tuning.drafts import PromiseBroken, publish_draft, write_draft
from marketplace.tuning.models import LabelledSet
from marketplace.tuning.orders import Misplaced, find_misplaced
from marketplace.tuning.recorded import NEWEST, PERIOD, find_moved, read_recorded
from marketplace.tuning.samples import Sample
from marketplace.tuning.thresholds import MODES, Change, Counts, Evaluation, Grouped, Mistakes, Texts

MOST_CHANGES: Final = 25
"""The texts that are listed of each kind of change."""
MINUTES: Final = 2.0
"""For a reviewer to read one text and rule on it, unless the page is told otherwise."""
MOST_MINUTES: Final = 60.0


@dataclass(frozen=True)
class Wrong(TextList):
    """Texts that the policy and people judge differently, with the scores of the category."""

    scores: Sequence[float]

    @property
    def asked(self) -> str:
        """What the button sends."""
        return " ".join(map(str, self.shown))

    @property
    def listed(self) -> str:
        """Joined here, because a template takes ten times as long."""
        return ", ".join(
            f"{number} ({written(score) if score else 'no score'})"
            for number, score in zip(self.shown, self.scores, strict=False)
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One category in one mode. `before` and `after` are None without a labelled set."""

    category: str
    fields: tuple[Field, ...]
    histogram: Histogram | None
    before: Counts | None
    after: Counts | None
    wrong: list[Wrong]
    misplaced: list[Misplaced]

    @property
    def thresholds(self) -> list[tuple[str, float]]:
        """The name and the place of each threshold on the picture."""
        return [
            (f.tunable.column, round(f.value * 100, 2))
            for f in self.fields
            if f.value is not None and f.value <= 1
        ]

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Profile:
    mode: Mode
    rows: list[Row]
    before: Counts | None
    after: Counts | None


@dataclass(frozen=True, slots=True)
class Kind:
    """The texts that change sides in the same way."""

    title: str
    changes: list[Change]

    @property
    def shown(self) -> list[Change]:
        return self.changes[:MOST_CHANGES]


@dataclass(frozen=True, slots=True)
class Broken:
    """A claim that the change breaks, with a smallest input."""

    proof: Proof
    said: str
    case: str


@dataclass(slots=True)
class Given:
    """What the form says. `until` is when the page was opened: later texts are not counted, so that its numbers stand still."""

    board: Board
    labelled: LabelledSet | None
    names: list[str]
    minutes: float
    until: datetime


def show(request: HttpRequest, user: User) -> HttpResponse:
    now = timezone.now()
    given = _read({**request.GET.dict(), **request.POST.dict()}, now)
    context: dict[str, Any] = {}
    status = 422 if given.board.has_errors else 200
    if request.method == "POST":
        try:
            step = STEPS.get(request.POST.get("do", ""))
            if step is None:
                raise Unread("Choose one of the buttons below.")
            done = step(request, user, given, now)
        except PromiseBroken as broken:
            context["broken"] = [_broken(proof) for proof in broken.proofs]
            status = 422
        except BundleRefused as refused:
            context["problems"], status = refused.problems, 422
        except (Unread, Denied, Refused, ChecksBusy, NotConfirmed, TextUnavailable) as error:
            context["problem"], status = told(error)
        else:
            if isinstance(done, HttpResponse):
                return done
            context |= done
    return render(request, "console/profiles.html", _context(user, given, now) | context, status=status)


profiles = require_http_methods(["GET", "HEAD", "POST"])(for_profile_tuners(show))


def _read(given: Mapping[str, str], now: datetime) -> Given:
    tunables = [each for each in trial.tunables(POLICY, now=now) if isinstance(each.value, float)]
    board = read_board(tunables, {} if "reset" in given else given)
    names = sets.set_names()
    name = given.get("set", "")
    name = name if name in names else next(iter(names), "")
    return Given(
        Board(tuple(_in_hundredths(field) for field in board.fields)),
        sets.find_set(name) if name else None,
        names,
        _minutes(given.get("minutes", "")),
        _until(given.get("until", ""), now),
    )


def _in_hundredths(field: Field) -> Field:
    """The scores of labelled texts have two decimal places, so they cannot tell thresholds in between apart."""
    if field.value is None or not field.edited or round(field.value, 2) == field.value:
        return field
    return replace(field, value=None, error="This should have at most two decimal places.")


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        return MINUTES
    return minutes if 0 < minutes <= MOST_MINUTES else MINUTES


def _until(text: str, now: datetime) -> datetime:
    try:
        until = parse_datetime(text)
    except ValueError:
        until = None
    return until if until is not None and until.tzinfo is not None and now - PERIOD < until <= now else now


def _context(user: User, given: Given, now: datetime) -> dict[str, Any]:
    in_force = bundles.current().version_at(POLICY, now)
    candidate, problem = _candidate(given.board, in_force, now)
    known = _known(given.labelled) if given.labelled else None
    edited = [field.tunable for field in given.board.fields if field.tunable.name in given.board.edited]

    def evaluate(texts: Grouped) -> tuple[Evaluation, Evaluation]:
        before = texts.under(in_force, now=now)
        return before, before if candidate is in_force else before.turned(candidate, edited, now=now)

    before, after = evaluate(known.texts) if known else (None, None)
    misplaced = find_misplaced(candidate)
    base, _ = base_or_problem()
    recorded = read_recorded(until=given.until)
    return {
        "board": given.board,
        "scalars": given.board.scalars,
        "profiles": [
            _profile(mode, given.board, known.pictures if known else {}, before, after, misplaced)
            for mode in MODES
        ],
        "labelled": given.labelled,
        "names": given.names,
        "minutes": given.minutes,
        "until": given.until.isoformat(),
        "kinds": _kinds(before.changes_to(after)) if before and after else [],
        "recorded": recorded,
        "newest": NEWEST,
        "lately": _lately(*evaluate(recorded.texts)),
        "moved": find_moved(in_force, candidate, until=given.until, now=now) if given.board.edited else [],
        "shown": MOST_CHANGES,
        "misplaced": misplaced,
        "problem": problem,
        "publishing": offer_to_publish(base, actor=user, now=now) if base else None,
        "reads": user.moderates,
    }


def _candidate(board: Board, in_force: CompiledPolicy, now: datetime) -> tuple[CompiledPolicy, str]:
    if not board.edited:
        return in_force, ""
    try:
        return trial.adjusted(POLICY, board.edited, now=now).version_at(POLICY, now), ""
    except ValueError as error:
        return in_force, f"The policy cannot be computed with these numbers: {error}."


class Known(NamedTuple):
    """What a process remembers of a labelled set, so that a redrawing decides about the candidate only."""

    texts: Texts
    pictures: Mapping[tuple[str, str], Histogram]


_known_sets: dict[int, Known] = {}


def _known(labelled: LabelledSet) -> Known:
    """`samples_of` returns the same objects as long as nothing has changed."""
    samples = sets.samples_of(labelled)
    known = _known_sets.get(labelled.pk)
    if known is None or not _same(known.texts.samples, samples):
        texts = Texts(samples)
        _known_sets.clear()
        known = _known_sets[labelled.pk] = Known(texts, histograms(texts.samples))
    return known


def _same(some: Sequence[Sample], others: Sequence[Sample]) -> bool:
    return len(some) == len(others) and all(map(operator.is_, some, others))


def _profile(
    mode: Mode,
    board: Board,
    pictures: Mapping[tuple[str, str], Histogram],
    before: Evaluation | None,
    after: Evaluation | None,
    misplaced: list[Misplaced],
) -> Profile:
    fields: dict[str, list[Field]] = {}
    for field in board.fields:
        row = dict(field.tunable.row)
        if row.get("mode") == mode and "category" in row:
            fields.setdefault(str(row["category"]), []).append(field)
    rows = [
        Row(
            category,
            tuple(of),
            pictures.get((mode, category)),
            before.counts(mode, category) if before else None,
            after.counts(mode, category) if after else None,
            _wrong(after.mistakes(mode, category), f"{mode}, {category.replace('_', ' ')}") if after else [],
            [each for each in misplaced if (each.mode, each.category) == (mode, category)],
        )
        for category, of in fields.items()
    ]
    return Profile(mode, rows, before.counts(mode) if before else None, after.counts(mode) if after else None)


def _wrong(mistakes: Mistakes, about: str) -> list[Wrong]:
    kinds = {
        "missed": mistakes.missed,
        "false blocks": mistakes.false_blocks,
        "false flags": mistakes.false_flags,
    }
    return [
        Wrong(
            what,
            f"{about}, {what}",
            [each.sample.number for each in texts],
            [each.score for each in texts],
        )
        for what, texts in kinds.items()
        if texts
    ]


def _kinds(changes: list[Change]) -> list[Kind]:
    kinds: dict[str, list[Change]] = {title: [] for title in TITLES}
    for change in changes:
        kinds[_title(change)].append(change)
    return [Kind(title, of) for title, of in kinds.items() if of]


MISSED: Final = "Labelled, and missed from now on"
FLAGGED: Final = "Harmless, and found from now on"
NOT_MISSED: Final = "Labelled, and no longer missed"
NOT_FLAGGED: Final = "Harmless, and left alone from now on"
OTHERWISE: Final = "Found before and after, with another outcome"
TITLES: Final = (MISSED, FLAGGED, NOT_MISSED, NOT_FLAGGED, OTHERWISE)


def _title(change: Change) -> str:
    labelled = bool(change.sample.labels)
    if change.after == "passed":
        return MISSED if labelled else NOT_FLAGGED
    if change.before == "passed":
        return NOT_MISSED if labelled else FLAGGED
    return OTHERWISE


def _lately(before: Evaluation, after: Evaluation) -> list[tuple[Mode, Counts, Counts]]:
    return [(mode, before.counts(mode), after.counts(mode)) for mode in MODES if before.counts(mode).texts]


def _broken(proof: Proof) -> Broken:
    return Broken(proof, claim_words.told(proof), claim_words.case_of(proof) if proof.shown else "")


def _check(request: HttpRequest, user: User, given: Given, now: datetime) -> dict[str, Any]:
    with one_at_a_time():
        draft = write_draft(_edited(given.board), now=now)
    return {"checked": draft}


def _save(request: HttpRequest, user: User, given: Given, now: datetime) -> HttpResponse:
    with one_at_a_time():
        publication = publish_draft(write_draft(_edited(given.board), now=now), actor=user, now=now)
    said = f"You published bundle {publication.pk} with your thresholds. Compare it, and ask somebody else to approve it."
    messages.success(request, said)
    return redirect("console:changes-one", number=publication.pk)


def _edited(board: Board) -> dict[str, float | int]:
    if board.has_errors:
        raise Unread("Correct the marked numbers first.")
    if not board.edited:
        raise Unread("Change a threshold first: these are the ones in force.")
    return board.edited


def _open(request: HttpRequest, user: User, given: Given, now: datetime) -> dict[str, Any]:
    samples = sets.samples_of(given.labelled) if given.labelled else []
    numbers = request.POST.get("number", "").split()
    return {"opened": open_texts(numbers, samples, moderator=user, now=now)}


STEPS: Final[Mapping[str, Callable[[HttpRequest, User, Given, datetime], Any]]] = {
    "check": _check,
    "save": _save,
    "open": _open,
}
