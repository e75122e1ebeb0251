"""Writes the text of a new version of a policy that differs in numbers only: comments and layout stay as they are."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from documents import nodes
from documents.formatter import format_source
from documents.source import Source
from engine.compiled import CompiledPolicy
from engine.policy.model import Parameter

Number = float | int


class _Edit(NamedTuple):
    start: int
    end: int
    text: str
    name: str = ""


def written(value: Number) -> str:
    """0.5 is 0.50, as in the shipped tables; further digits are kept."""
    if isinstance(value, int):
        return str(value)
    short = f"{value:.2f}"
    return short if float(short) == value else repr(value)


def add_version(
    version: CompiledPolicy, values: Mapping[str, Number], *, number: int, effective_from: datetime
) -> str:
    """The file of `version` with a copy of it added, which has these values by the names of `decisions.trial`, its own number,
    and its own first moment. Raises LookupError for a name that the policy does not have."""
    policy = version.validated.policy
    document, source = policy.node, policy.node.source
    assert isinstance(document, nodes.Mapping)
    start, end = document.start, _end_of(document)
    edits = [edit for parameter in policy.parameters.values() for edit in _edits(parameter, values)]
    if unknown := values.keys() - {edit.name for edit in edits}:
        raise LookupError(f"the policy has no number `{min(unknown)}`")
    for key, node in document.entries:
        match key.value:
            case "version":
                edits.append(_Edit(node.start, node.end, str(number)))
            case "effective_from":
                moment = effective_from.astimezone(UTC).replace(microsecond=0)
                edits.append(_Edit(node.start, node.end, f"{moment:%Y-%m-%dT%H:%M:%SZ}"))
            case "revision":
                edits.append(_Edit(key.start, source.text.find("\n", node.end) + 1 or len(source.text), ""))
    added = _edited(source.text, start, end, sorted(edits))
    if _formatted(source.text[start:end]) == source.text[start:end]:
        added = _formatted(added) or added
    return f"{source.text.rstrip()}\n---\n{added.rstrip()}\n"


def _end_of(document: nodes.Mapping) -> int:
    """With the comments that follow it."""
    text = document.source.text
    following = re.compile(r"^(---|\.\.\.)", re.MULTILINE).search(text, document.end)
    return following.start() if following else len(text)


def _edits(parameter: Parameter, values: Mapping[str, Number]) -> Iterator[_Edit]:
    if parameter.table is None:
        assert isinstance(parameter.node, nodes.Mapping)
        node = parameter.node.get("value")
        if parameter.name in values and node is not None:
            yield _Edit(node.start, node.end, written(values[parameter.name]), parameter.name)
        return
    for row, node in zip(parameter.table.rows, parameter.table.row_nodes, strict=True):
        assert isinstance(node, nodes.Sequence)
        for (column, _), cell in zip(parameter.table.columns, node.items, strict=True):
            name = f"{parameter.name}[{parameter.table.row_name(row)}].{column}"
            if name in values:
                yield _Edit(cell.start, cell.end, written(values[name]), name)


def _edited(text: str, start: int, end: int, edits: list[_Edit]) -> str:
    pieces, at = [], start
    for edit in edits:
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*pieces, text[at:end]])


def _formatted(text: str) -> str | None:
    return format_source(Source("version", text)).text
