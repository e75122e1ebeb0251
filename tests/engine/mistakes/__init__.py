"""Mistakes that owners make in a policy and its cases, each one change to a file that is good."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from documents.source import Source
from engine.bundle import Bundle, load_sources

FOLDER = Path(__file__).parent
POLICY = (FOLDER / "tool_loan.yaml").read_text(encoding="utf-8")
CASES = (FOLDER / "tool_loan_cases.yaml").read_text(encoding="utf-8")
WHOLE = "WHOLE"
"""Stands for all of the file."""


@dataclass(frozen=True, slots=True)
class Mistake:
    name: str
    about: Literal["policy", "cases"]
    text: str


def mistakes_of(file: str) -> list[Mistake]:
    listed = yaml.safe_load((FOLDER / file).read_text(encoding="utf-8"))
    return [
        Mistake(name, about, _changed(POLICY if about == "policy" else CASES, before, after))
        for about in ("policy", "cases")
        for name, before, after in listed[about]
    ]


def _changed(text: str, before: str, after: str) -> str:
    before = text if before == WHOLE else before
    assert before in text, f"`{before}` is not in the file any more"
    return text.replace(before, after, 1)


def bundle() -> Bundle:
    loaded = load_sources([Source("tool_loan.yaml", POLICY)])
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    return loaded.bundle
