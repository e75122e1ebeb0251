"""Labelled texts from a file: read and checked as a whole, examined, and written in one transaction."""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final, TextIO

from django.db import IntegrityError

from detectors.pipeline import Pipeline
from detectors.signal import CATEGORIES
from documents.diagnostics import did_you_mean
from marketplace.errors import Refused
from marketplace.moderation.facts import Mode
from marketplace.moderation.judging import LONGEST_FIELD, Format
from marketplace.transactions import patiently, write
from marketplace.tuning.models import Finding, Label, LabelledSet, SampleText, Source
from marketplace.tuning.sets import examined, fields_of, in_parts, lock_newest, open_version, version_of

CHANGED: Final = "Somebody else has changed this set meanwhile. Please import the file again."
SEPARATOR: Final = "|"
TRUE: Final = frozenset({"1", "true"})
FALSE: Final = frozenset({"0", "false", ""})
COLUMNS: Final = (
    "write a column `labels` with categories separated by `|`, or a column for each category with 0 or 1"
)


class BadFile(ValueError):
    """Nothing was imported. The message says where and why, and never has words of a text."""

    def __init__(self, problem: str, *, line: int, hint: str = "") -> None:
        super().__init__(f"line {line}: {problem}" + (f"\nhint: {hint}" if hint else ""))


@dataclass(frozen=True, slots=True)
class Row:
    """`reference` names the text within its set: its `id`, or else its hash."""

    reference: str
    text: str = field(repr=False)
    categories: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Imported:
    """`version` is the newest before, if the file changes nothing."""

    version: int
    added: int
    changed: int
    ended: int
    unchanged: int

    @property
    def changes(self) -> bool:
        return bool(self.added or self.changed or self.ended)


def read_rows(lines: TextIO, format_: Format) -> list[Row]:
    """All of them, or BadFile for the first that is wrong."""
    read = _from_csv(lines) if format_ == "csv" else _from_json(lines)
    rows: list[Row] = []
    lines_of: dict[str, int] = {}
    repeated: Counter[str] = Counter()
    for line, fields in read:
        text = _text_of(fields, line)
        reference = _reference_of(fields, text, line, repeated)
        if reference in lines_of:
            raise BadFile(f"the id `{reference}` is that of line {lines_of[reference]}", line=line)
        lines_of[reference] = line
        rows.append(Row(reference, text, _categories_of(fields, line), line))
    if not rows:
        raise BadFile("there is no text in this file", line=1)
    return rows


def _from_csv(lines: TextIO) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """With the line on which each row begins."""
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(lines, strict=True)
    line = 1
    try:
        names = next(reader, [])
        if "text" not in names:
            raise BadFile("there is no column `text`", line=1, hint="name the columns in the first line")
        if len(set(names)) < len(names):
            [(twice, _)] = Counter(names).most_common(1)
            raise BadFile(f"the column `{twice}` is there twice", line=1)
        _check_names(names, line=1)
        line = reader.line_num + 1
        for row in reader:
            if row and len(row) != len(names):
                hint = "quote a text that has a comma"
                raise BadFile(
                    f"this row has {len(row)} values, and the first line {len(names)}", line=line, hint=hint
                )
            if row:
                yield line, dict(zip(names, row, strict=True))
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadFile(str(error), line=line) from None


def _from_json(lines: TextIO) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise BadFile("this is not JSON", line=number, hint="write one object a line") from None
        if not isinstance(row, dict) or "text" not in row:
            raise BadFile('this is not an object with a "text"', line=number)
        _check_names(row, line=number)
        yield number, row


def _check_names(names: Iterable[str], *, line: int) -> None:
    given = set(names)
    if "labels" not in given and given.isdisjoint(CATEGORIES):
        raise BadFile("nothing says which categories the texts have", line=line, hint=COLUMNS)
    if "labels" in given and not given.isdisjoint(CATEGORIES):
        raise BadFile("there are `labels` and columns of categories", line=line, hint="keep one of the two")


def _text_of(fields: Mapping[str, Any], line: int) -> str:
    text = fields["text"]
    if not isinstance(text, str):
        raise BadFile("the text is no string", line=line)
    if not text.strip():
        raise BadFile("the text is empty", line=line)
    if "\0" in text:
        raise BadFile("the text has a NUL character, which a database cannot store", line=line)
    if _is_broken(text):
        raise BadFile("the text has half of a surrogate pair", line=line, hint="write the whole character")
    return text


def _is_broken(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _reference_of(fields: Mapping[str, Any], text: str, line: int, repeated: Counter[str]) -> str:
    given = fields.get("id")
    if given in (None, ""):
        digest = hashlib.sha256(text.encode()).hexdigest()[:32]
        repeated[digest] += 1
        return digest if repeated[digest] == 1 else f"{digest}-{repeated[digest]}"
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise BadFile("the id is neither a string nor a number", line=line)
    reference = str(given)
    if len(reference) > 200 or "\0" in reference or _is_broken(reference):
        raise BadFile("the id is longer than 200 characters, or has some that cannot be stored", line=line)
    return reference


def _categories_of(fields: Mapping[str, Any], line: int) -> tuple[str, ...]:
    if "labels" in fields:
        return _listed(fields["labels"], line)
    return tuple(sorted(name for name in CATEGORIES if name in fields and _is_set(name, fields[name], line)))


def _listed(given: Any, line: int) -> tuple[str, ...]:
    names = given.split(SEPARATOR) if isinstance(given, str) else given
    if names is None or not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadFile("the labels are neither a string nor a list of strings", line=line)
    chosen = [name.strip() for name in names if name.strip()]
    for name in chosen:
        if name not in CATEGORIES:
            raise BadFile(
                f"`{name[:40]}` is no category", line=line, hint=did_you_mean(name[:40], CATEGORIES) or ""
            )
    return tuple(sorted(set(chosen)))


def _is_set(name: str, value: Any, line: int) -> bool:
    written = str(value).strip().lower()
    if not isinstance(value, str | int) or written not in TRUE | FALSE:
        raise BadFile(f"`{name}` is neither 0 nor 1", line=line)
    return written in TRUE


Progress = Callable[[Iterable[Row]], Iterable[Row]]


def import_rows(
    name: str,
    rows: Sequence[Row],
    *,
    mode: Mode,
    pipeline: Pipeline,
    now: datetime,
    progress: Progress = lambda rows: rows,
) -> Imported:
    """These become the imported texts of this mode: those that the file no longer has end, and those that it has unchanged
    stay. The same file again changes nothing. Raises DetectorsFail or Refused."""
    before = _imported(name, mode)
    new = [row for row in rows if _differs(before.get(row.reference), row)]
    found = examined((row.text for row in progress(new)), pipeline)
    detectors = version_of(pipeline)
    findings = {
        row.reference: fields_of(each, detectors=detectors, now=now)
        for row, each in zip(new, found, strict=True)
    }
    try:
        return patiently(partial(_import, name, rows, mode, findings, now))
    except IntegrityError:
        raise Refused("set-changed", CHANGED) from None  # the error of PostgreSQL quotes the row


Before = tuple[int, str | None, tuple[str, ...]]
"""The number of a sample, its text and its categories."""


def _imported(name: str, mode: Mode) -> dict[str, Before]:
    texts = SampleText.objects.filter(name=name, mode=mode, source=Source.IMPORT, until=None)
    labels = dict(
        Label.objects.filter(sample__in=texts, counts=True).order_by().values_list("sample_id", "categories")
    )
    return {
        reference: (number, text, tuple(labels.get(number, ())))
        for number, reference, text in texts.values_list("pk", "reference", "text")
    }


def _differs(before: Before | None, row: Row) -> bool:
    return before is None or before[1:] != (row.text, row.categories)


def _import(
    name: str,
    rows: Sequence[Row],
    mode: Mode,
    findings: Mapping[str, dict[str, Any]],
    now: datetime,
) -> Imported:
    with write():
        newest = lock_newest(name)
        before = _imported(name, mode)
        new = [row for row in rows if _differs(before.get(row.reference), row)]
        if not all(row.reference in findings for row in new):
            raise Refused("set-changed", CHANGED)
        changed = [before[row.reference][0] for row in new if row.reference in before]
        kept = {row.reference for row in rows}
        ended = [number for reference, (number, *_) in before.items() if reference not in kept]
        if not new and not ended:
            return Imported(newest.version if newest else 0, 0, 0, 0, len(rows))
        version = open_version(name, now=now)
        for part in in_parts([*changed, *ended]):
            SampleText.objects.filter(pk__in=part).update(until=version.version)
        for some in in_parts(new):
            _add(version, some, mode, findings, now)
    return Imported(version.version, len(new) - len(changed), len(changed), len(ended), len(rows) - len(new))


def _add(
    version: LabelledSet,
    rows: Sequence[Row],
    mode: Mode,
    findings: Mapping[str, dict[str, Any]],
    now: datetime,
) -> None:
    texts = SampleText.objects.bulk_create(
        SampleText(
            name=version.name,
            since=version.version,
            source=Source.IMPORT,
            mode=mode,
            reference=row.reference,
            text=row.text,
        )
        for row in rows
    )
    Finding.objects.bulk_create(
        Finding(sample=text, **findings[row.reference]) for text, row in zip(texts, rows, strict=True)
    )
    Label.objects.bulk_create(
        Label(sample=text, since=version.version, categories=list(row.categories), counts=True, at=now)
        for text, row in zip(texts, rows, strict=True)
    )
