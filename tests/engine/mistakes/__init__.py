"""Mistakes in a policy and its cases, each a single change to a valid file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from documents.source import Source
from engine.bundle import Bundle, load_sources

FOLDER = Path(__file__).parent
NAMES = {"third.yaml": "room_booking", "fourth.yaml": "boat_hire"}
"""The policies in which mistakes are made; all other mistakes are made in `tool_loan`."""


def _texts(name: str) -> tuple[str, str]:
    policy, cases = FOLDER / f"{name}.yaml", FOLDER / f"{name}_cases.yaml"
    return policy.read_text(encoding="utf-8"), cases.read_text(encoding="utf-8")


POLICY, CASES = _texts("tool_loan")
WHOLE = "WHOLE"
"""Stands for the whole file."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """`mended` is the file after following the hint."""

    name: str
    about: Literal["policy", "cases"]
    text: str
    mended: str


def mistakes_of(file: str) -> list[Mistake]:
    listed = yaml.safe_load((FOLDER / file).read_text(encoding="utf-8"))
    bases = _texts(NAMES.get(file, "tool_loan"))
    return [
        Mistake(
            name, about, _changed(text, before, after), _changed(text, before, *mended) if mended else text
        )
        for about, text in zip(("policy", "cases"), bases, strict=True)
        for name, before, after, *mended in listed[about]
    ]


def _changed(text: str, before: str, after: str) -> str:
    before = text if before == WHOLE else before
    assert before in text, f"`{before}` is not in the file any more"
    return text.replace(before, after, 1)


@cache
def bundle(name: str = "tool_loan") -> Bundle:
    loaded = load_sources([Source(f"{name}.yaml", _texts(name)[0])])
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    return loaded.bundle
