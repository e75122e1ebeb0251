"""No line of prose exceeds 130 characters, so that reviews can show two files side by side.

ruff checks Python. Table rows, code blocks and comments of one long word are exempt.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.markdown import MARKDOWN_FILES, ROOT, outside_fences, relative_name

LONGEST = 130
COMMENTED = sorted(
    path
    for pattern in (
        "Makefile",
        "Containerfile",
        "*.toml",
        "*.yml",
        ".*.yaml",
        "policies/**/*.yaml",
        "tests/**/*.yaml",
        "findings/*.sh",
    )
    for path in ROOT.glob(pattern)
)


def too_long(text: str) -> Iterator[int]:
    for number, line in outside_fences(text):
        if len(line) > LONGEST and not line.lstrip().startswith("|"):
            yield number


@pytest.mark.parametrize("document", MARKDOWN_FILES, ids=relative_name)
def test_prose_fits_into_the_width(document: Path) -> None:
    assert list(too_long(document.read_text(encoding="utf-8"))) == []


def test_comments_fit_into_the_width() -> None:
    too_long = [
        f"{relative_name(file)}:{number}"
        for file in COMMENTED
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > LONGEST and line.lstrip().startswith("#")
    ]
    assert too_long == []


def test_long_prose_is_found_and_long_rows_and_code_are_not() -> None:
    long = "word " * 27
    assert list(too_long(f"{long}\n| {long} |\n```\n{long}\n```\n- {long}\n")) == [1, 6]
