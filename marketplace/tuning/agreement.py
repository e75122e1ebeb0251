"""How far people agree about labels: Krippendorff's alpha for names without an order."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from detectors.signal import CATEGORIES
from marketplace.tuning.models import Label, LabelledSet
from marketplace.tuning.sets import texts_in

WHOLE: Final = "all together"


@dataclass(frozen=True, slots=True)
class Agreement:
    """`alpha` is 1 for full agreement and 0 for what chance gives; None where everybody always says the same, or nothing was
    labelled twice."""

    about: str
    texts: int
    same: int
    alpha: float | None


def alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Each unit has the values that people gave it. One that fewer than two people judged says nothing."""
    judged = [unit for unit in units if len(unit) > 1]
    values = Counter(value for unit in judged for value in unit)
    total = values.total()
    by_chance = total * total - sum(count * count for count in values.values())
    if by_chance == 0:
        return None
    differing = sum(_differing(unit) / (len(unit) - 1) for unit in judged)
    return 1 - (total - 1) * differing / by_chance


def _differing(unit: Sequence[Hashable]) -> int:
    """Ordered pairs of different values."""
    return len(unit) ** 2 - sum(count * count for count in Counter(unit).values())


def agreement_on(labelled: LabelledSet) -> list[Agreement]:
    """For each category, and for all categories of a text taken as one value. One query."""
    labels = Label.objects.filter(sample__in=texts_in(labelled), since__lte=labelled.version)
    by_text: dict[int, list[frozenset[str]]] = {}
    for number, categories in labels.order_by("pk").values_list("sample_id", "categories"):
        by_text.setdefault(number, []).append(frozenset(categories))
    twice = [given for given in by_text.values() if len(given) > 1]
    return [
        _measure(WHOLE, twice),
        *(
            _measure(category, [[category in each for each in given] for given in twice])
            for category in CATEGORIES
        ),
    ]


def _measure(about: str, units: Sequence[Sequence[Hashable]]) -> Agreement:
    return Agreement(about, len(units), sum(len(set(unit)) == 1 for unit in units), alpha(units))
