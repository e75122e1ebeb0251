"""The numbers of a labelled set without a browser: what is decided now, what other parameters would decide, and how far people
agree."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import yaml
from django.template.loader import render_to_string

from decisions import bundles
from decisions.trial import Tunable, adjusted, tunables
from detectors.signal import CATEGORIES
from documents.diagnostics import did_you_mean
from documents.plurals import counted
from marketplace.moderation.services import POLICY
from marketplace.tuning.agreement import Agreement, agreement_on
from marketplace.tuning.intervals import Ratio
from marketplace.tuning.models import LabelledSet
from marketplace.tuning.sets import samples_of
from marketplace.tuning.thresholds import Change, Counts, Evaluation, Texts

TEMPLATE: Final = "tuning/evaluation.html"
ALL: Final = "all texts"
SHOWN: Final = ("texts", "labelled", "passed", "flagged", "held", "blocked", "precision", "recall")

Number = float | int


class BadParameters(ValueError):
    """The message says which one, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is decided about a category, or about all texts, of one mode."""

    about: str
    now: Counts
    then: Counts | None


@dataclass(frozen=True, slots=True)
class Evaluated:
    labelled: LabelledSet
    values: Mapping[str, Number]
    now: Evaluation
    then: Evaluation | None
    agreement: list[Agreement]

    @property
    def modes(self) -> dict[str, list[Row]]:
        return {
            mode: [self._row(mode, None), *(self._row(mode, each) for each in CATEGORIES)]
            for mode in self._modes
        }

    @property
    def _modes(self) -> tuple[str, ...]:
        return self.now.texts.modes

    def _row(self, mode: str, category: str | None) -> Row:
        then = self.then.counts(mode, category) if self.then else None
        return Row(category or ALL, self.now.counts(mode, category), then)

    @property
    def changes(self) -> list[Change]:
        return self.now.changes_to(self.then) if self.then else []


def read_parameters(path: Path, *, now: datetime) -> dict[str, Number]:
    """Numbers of the policy in force by their names, such as `thresholds[normal/threat].flag`, as YAML or JSON. Raises
    BadParameters or OSError."""
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        raise BadParameters("this is neither YAML nor JSON") from None
    if not isinstance(given, dict) or not given:
        raise BadParameters("there are no names with numbers, such as `look_from: 0.4`")
    known = {tunable.name: tunable for tunable in tunables(POLICY, now=now)}
    return {str(name): _read(str(name), value, known) for name, value in given.items()}


def _read(name: str, value: object, known: Mapping[str, Tunable]) -> Number:
    if name not in known:
        hint = did_you_mean(name, known)
        raise BadParameters(f"`{name[:80]}` is no number of `{POLICY}`" + (f"\nhint: {hint}" if hint else ""))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadParameters(f"`{name}` is not set to a number")
    try:
        return known[name].read(str(value))
    except ValueError as error:
        raise BadParameters(f"`{name}`: {error}") from None


def evaluate_set(labelled: LabelledSet, values: Mapping[str, Number], *, now: datetime) -> Evaluated:
    """Under the policy in force, and if there are values with them too. Raises BadParameters."""
    before = Evaluation(Texts(samples_of(labelled)), bundles.current().version_at(POLICY, now), now=now)
    return Evaluated(labelled, values, before, _turned(before, values, now), agreement_on(labelled))


def _turned(before: Evaluation, values: Mapping[str, Number], now: datetime) -> Evaluation | None:
    if not values:
        return None
    try:
        version = adjusted(POLICY, values, now=now).version_at(POLICY, now)
    except ValueError as error:
        raise BadParameters(str(error)) from None
    changed = [tunable for tunable in tunables(POLICY, now=now) if tunable.name in values]
    return before.turned(version, changed, now=now)


def as_json(evaluated: Evaluated) -> dict[str, Any]:
    return {
        "set": evaluated.labelled.name,
        "version": evaluated.labelled.version,
        "now": evaluated.now.to_dict(),
        "parameters": dict(evaluated.values),
        "then": evaluated.then.to_dict() if evaluated.then else None,
        "changes": [change.to_dict() for change in evaluated.changes],
        "agreement": [asdict(each) for each in evaluated.agreement],
    }


def as_text(evaluated: Evaluated) -> str:
    lines = [_title(evaluated)]
    for mode, rows in evaluated.modes.items():
        lines += ["", _line([mode, *SHOWN])]
        for row in rows:
            lines.append(_line([row.about, *_cells(row.now)]))
            if row.then is not None and row.then != row.now:
                lines.append(_line(["  then", *_cells(row.then)]))
    if evaluated.then is not None:
        lines += ["", f"{counted(len(evaluated.changes), 'text')} on another side"]
        lines += [
            f"  sample {change.sample.number}, {_labels(change)}: {change.before}, then {change.after}"
            for change in evaluated.changes
        ]
    lines += ["", *(_agreement(each) for each in evaluated.agreement if each.texts)]
    return "\n".join(lines).rstrip()


def as_html(evaluated: Evaluated) -> str:
    return render_to_string(TEMPLATE, {
        "title": _title(evaluated),
        "values": evaluated.values,
        "shown": SHOWN,
        "modes": {
            mode: [(row.about, _cells(row.now), _cells(row.then) if row.then and row.then != row.now else None) for row in rows]
            for mode, rows in evaluated.modes.items()
        },
        "has_then": evaluated.then is not None,
        "changes": [(change.sample.number, _labels(change), change.before, change.after) for change in evaluated.changes],
        "agreement": [_agreement(each) for each in evaluated.agreement if each.texts],
    })  # fmt: skip


def _title(evaluated: Evaluated) -> str:
    samples = evaluated.now.texts.samples
    labelled = sum(1 for sample in samples if sample.labels)
    return f"{evaluated.labelled}: {counted(len(samples), 'text')}, {labelled:,} of them with a category"


def _cells(counts: Counts) -> list[str]:
    sides = [f"{counts.sides[side]:,}" for side in ("passed", "flagged", "held", "blocked")]
    return [
        f"{counts.texts:,}",
        f"{counts.labelled:,}",
        *sides,
        _share(counts.precision()),
        _share(counts.recall()),
    ]


def _share(ratio: Ratio) -> str:
    if ratio.share is None:
        return "-"
    low, high = ratio.interval
    return f"{ratio.share:.3f} ({low:.2f}-{high:.2f})"


def _line(cells: list[str]) -> str:
    first, *rest = cells
    return f"{first:<10}" + "".join(f"{cell:>{9 if number < 6 else 19}}" for number, cell in enumerate(rest))


def _labels(change: Change) -> str:
    return ", ".join(sorted(change.sample.labels)).replace("_", " ") or "harmless"


def _agreement(each: Agreement) -> str:
    alpha = "no alpha: there is no variety" if each.alpha is None else f"alpha {each.alpha:.3f}"
    return f"labelled twice, {each.about}: {each.same} of {each.texts} the same, {alpha}"
