"""Stacked bars over time, as the coordinates of an SVG picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from decisions.activity import FAIL_SAFE, Activity

WIDTH: Final = 720
HEIGHT: Final = 144
GAP: Final = 8
SERIES: Final = 4


class Bar(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    style: str


class Series(NamedTuple):
    name: str
    total: int
    style: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A picture of the most frequent outcomes, of the others together, and of fail-safe answers. `top` is the number at full
    height."""

    bars: tuple[Bar, ...]
    series: tuple[Series, ...]
    top: int
    width: int = WIDTH
    height: int = HEIGHT


def draw(activity: Activity) -> Bars:
    parts = _parts(activity.outcomes)
    top = max((hour.total for hour in activity.hours), default=0) or 1
    step = WIDTH / max(1, len(activity.hours))
    bars = []
    for position, hour in enumerate(activity.hours):
        y = float(HEIGHT)
        for style, names in parts.values():
            height = sum(hour.counts.get(name, 0) for name in names) / top * HEIGHT
            y -= height
            if height:
                place = round(position * step + GAP / 2, 1), round(y, 1)
                bars.append(Bar(*place, round(step - GAP, 1), round(height, 1), style))
    series = tuple(
        Series(title, sum(map(activity.count, names)), style) for title, (style, names) in parts.items()
    )
    return Bars(tuple(bars), series, top)


def _parts(outcomes: Sequence[str]) -> dict[str, tuple[str, list[str]]]:
    """The CSS class and the outcomes of each part of a bar, from the bottom up."""
    named = [name for name in outcomes if name != FAIL_SAFE]
    parts = {name: (f"s{n}", [name]) for n, name in enumerate(named[:SERIES], 1)}
    if rest := named[SERIES:]:
        parts |= {f"{len(rest)} other outcomes" if rest[1:] else rest[0]: (f"s{SERIES + 1}", rest)}
    return parts | ({FAIL_SAFE: ("s0", [FAIL_SAFE])} if FAIL_SAFE in outcomes else {})
