"""The Markdown files of the documentation, and their lines outside code."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ELSEWHERE = {"build", "mutants", "node_modules", "var"}
MARKDOWN_FILES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not any(part in ELSEWHERE or part.startswith(".") for part in path.relative_to(ROOT).parts)
)


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
