"""Read labelled texts for calibration and measurement. docs/moderation.md describes the CSV columns."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Literal, cast, get_args

from detectors.signal import CATEGORIES, Category

Must = Literal["pass", "block", ""]
"""`pass` must not be blocked, `block` must not get through; empty means unknown."""

LONGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Labelled:
    """`group` is the kind and source of the message. `category` is empty if none of ours applies."""

    text: str
    group: str
    category: Category | Literal[""]
    normal: Must
    dispute: Must
    part: str = ""
    """train, dev or test, if the data set has such parts. Nothing is trained on dev or test."""


class BadLabel(Exception):
    """A CSV row is invalid; the message says where and why."""


def read_labelled(path: Path) -> list[Labelled]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(_rows(file, path))


def write_labelled(path: Path, rows: Iterable[Labelled]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(field.name for field in fields(Labelled))
        writer.writerows(astuple(row) for row in rows)


def _rows(lines: Iterable[str], path: Path) -> Iterator[Labelled]:
    csv.field_size_limit(LONGEST)
    reader = csv.DictReader(lines)
    wanted = [field.name for field in fields(Labelled)]
    absent = set(wanted[:-1]) - set(reader.fieldnames or ())
    if absent:
        raise BadLabel(f"{path}: column `{sorted(absent)[0]}` is missing")
    for row in reader:
        where = f"{path}:{reader.line_num}"
        category = _one_of(row["category"], ("", *CATEGORIES), where)
        yield Labelled(
            text=row["text"],
            group=row["group"],
            category=cast("Category", category),
            normal=cast("Must", _one_of(row["normal"], get_args(Must), where)),
            dispute=cast("Must", _one_of(row["dispute"], get_args(Must), where)),
            part=row.get("part") or "",
        )


def _one_of(value: str | None, allowed: tuple[str, ...], where: str) -> str:
    if value not in allowed:
        raise BadLabel(f"{where}: `{value}` is none of {', '.join(filter(None, allowed))} or empty")
    return value
