"""Precision over recall of each category as the threshold moves, drawn as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from detectors.signal import Category
from ml.benchmark.shares import Verdict

Point = tuple[float, float]
"""Recall and precision."""

WIDTH, HEIGHT, MARGIN = 480, 400, 44
COLORS = ("#1b6ca8", "#d1495b", "#66a182", "#8d6a9f")
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
FEWEST = 10
"""No curve is drawn for fewer messages."""


def curve(verdicts: Sequence[Verdict], category: Category) -> list[Point]:
    """One point per distinct score, with the strictest threshold first. Unlabelled rows are left out."""
    scored = sorted(
        (
            (judged.scores.get(category, 0.0), row.category == category)
            for row, judged in verdicts
            if row.category or row.dispute
        ),
        reverse=True,
    )
    wanted = sum(is_bad for _, is_bad in scored)
    points, hits = [], 0
    for place, (score, is_bad) in enumerate(scored, start=1):
        hits += is_bad
        last = place == len(scored) or scored[place][0] != score
        if last and score > 0 and wanted:
            points.append((hits / wanted, hits / place))
    return points


def draw_curves(verdicts: Mapping[str, Sequence[Verdict]], category: Category, path: Path) -> bool:
    """One line per contender; rare categories are left out."""
    rows = next(iter(verdicts.values()))
    if sum(row.category == category for row, _ in rows) < FEWEST:
        return False
    lines = {name: curve(of, category) for name, of in verdicts.items()}
    path.write_text(svg(category, lines, "recall", "precision"), "utf-8")
    return True


def svg(title: str, lines: Mapping[str, Sequence[Point]], across: str, up: str) -> str:
    """Both axes go from 0 to 1."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{WIDTH / 2}" y="18" text-anchor="middle" font-size="14">{escape(title)}</text>',
        _label(WIDTH / 2, HEIGHT - 8, across),
        f'<text transform="translate(12 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">{up}</text>',
    ]
    for tick in TICKS:
        parts += [_line([(tick, 0), (tick, 1)], "#ddd", 1), _line([(0, tick), (1, tick)], "#ddd", 1)]
        x, y = _place((tick, tick))
        parts += [_label(x, HEIGHT - MARGIN + 14, f"{tick:g}"), _label(MARGIN - 14, y + 4, f"{tick:g}")]
    for number, (name, points) in enumerate(lines.items()):
        color = COLORS[number % len(COLORS)]
        parts.append(_line(points, color, 2) if len(points) > 1 else _dot(points, color))
        parts.append(f'<text x="{MARGIN + 100 * number}" y="36" fill="{color}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _place(point: Point) -> Point:
    recall, precision = point
    return MARGIN + recall * (WIDTH - 2 * MARGIN), HEIGHT - MARGIN - precision * (HEIGHT - 2 * MARGIN)


def _line(points: Sequence[Point], color: str, width: int) -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(_place, points))
    return f'<polyline points="{places}" fill="none" stroke="{color}" stroke-width="{width}"/>'


def _dot(points: Sequence[Point], color: str) -> str:
    return "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{color}"/>' for x, y in map(_place, points)
    )


def _label(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{text}</text>'
