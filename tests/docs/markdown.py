"""The Markdown files of the documentation, and their lines outside code."""

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ELSEWHERE = {"build", "mutants", "node_modules", "var"}


def _markdown_files() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in ELSEWHERE and not name.startswith(".")]
        yield from (Path(folder, name) for name in names if name.endswith(".md") and not name.startswith("."))


MARKDOWN_FILES = sorted(_markdown_files())


def relative_name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def outside_fences(text: str) -> Iterator[tuple[int, str]]:
    """Numbered lines outside code fences."""
    fenced = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, line
