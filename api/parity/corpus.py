"""The hand-picked requests of corpus.yaml."""

from pathlib import Path
from typing import Any, Final

import yaml

from api.parity.asking import Ask

FILE: Final = Path(__file__).with_name("corpus.yaml")


def read_corpus() -> list[Ask]:
    """A row with `each` stands for one request per body, a row with `paths` or `whom` for one per path or caller, and a row
    with `times` for that many requests."""
    rows = yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return [ask for row in rows for ask in _asks(row)]


def _asks(row: dict[str, Any]) -> list[Ask]:
    spread = {name: row.pop(name, None) for name in ("each", "paths", "whom", "times", "contents")}
    return [
        Ask(**{**row, **path, **who, **body, **content})
        for path in _each("path", spread["paths"])
        for who in _each("who", spread["whom"])
        for body in _each("body", spread["each"])
        for content in _each("content", spread["contents"])
        for _ in range(spread["times"] or 1)
    ]


def _each(name: str, values: list[Any] | None) -> list[dict[str, Any]]:
    return [{}] if values is None else [{name: value} for value in values]
