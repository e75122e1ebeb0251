"""The plot in the README: each engine's time relative to hand-written Python, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from html import escape

from benchmarks.result import Cell

WIDTH, LEFT, RIGHT = 760, 214, 76
BAR, GAP, HEADING, FOOT = 14, 6, 40, 46

STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
.title { font-size: 16px; font-weight: 600 } .policy { font-weight: 600 }
.small { font-size: 12px; fill: #59636e } .grid { stroke: #d1d9e0 }
.peer { fill: #afb8c1 } .comity { fill: #0969da } .comity-name { font-weight: 600 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9198a1 } .grid { stroke: #2a313c }
  .peer { fill: #59636e } .comity { fill: #4493f8 }
}
"""


def draw(cells: Iterable[Cell]) -> str:
    """One group of bars per column, the fastest on top."""
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.column, []).append(cell)
    decades = max(1, math.ceil(math.log10(max(c.ratio for group in groups.values() for c in group))))
    scale = (WIDTH - LEFT - RIGHT) / decades
    body, bottom = _groups(groups, scale)
    height = bottom + FOOT
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img">',
            "<title>Time of one decision, relative to the same rules written by hand in Python</title>",
            f"<style>{STYLE}</style>",
            '<text class="title" x="0" y="18">Time of one decision, hand-written Python = 1×</text>',
            *_grid(decades, scale, bottom),
            *body,
            "</svg>\n",
        ]
    )


def _groups(groups: dict[str, list[Cell]], scale: float) -> tuple[list[str], int]:
    lines: list[str] = []
    y = 24
    for column, cells in groups.items():
        y += HEADING
        lines.append(f'<text class="policy" x="0" y="{y - 12}">{escape(column)}</text>')
        for cell in sorted(cells, key=lambda c: c.ratio):
            lines += _bar(cell, y, scale)
            y += BAR + GAP
    return lines, y


def _bar(cell: Cell, y: int, scale: float) -> Iterator[str]:
    length = max(2.0, scale * math.log10(max(1.0, cell.ratio)))
    kind = "comity" if cell.peer.startswith("comity") else "peer"
    baseline = y + BAR - 3
    yield f'<text class="{kind}-name" x="{LEFT - 8}" y="{baseline}" text-anchor="end">{escape(cell.peer)}</text>'
    yield f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2"/>'
    yield f'<text class="{kind}-name" x="{LEFT + length + 6:.1f}" y="{baseline}">{cell.shown}</text>'


def _grid(decades: int, scale: float, bottom: int) -> Iterator[str]:
    for decade in range(decades + 1):
        x = LEFT + decade * scale
        yield f'<line class="grid" x1="{x:.1f}" y1="30" x2="{x:.1f}" y2="{bottom + 4}"/>'
        yield f'<text class="small" x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{10**decade:,}×</text>'
    yield f'<text class="small" x="{LEFT}" y="{bottom + 38}">logarithmic; shorter is faster</text>'
