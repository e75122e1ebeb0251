"""The parameters of the moderation profiles as form fields: those of one mode beside its decision, shared ones together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from decisions.trial import Knob


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter in the form: `text` is the submitted text, `value` its parsed value, or None if invalid."""

    knob: Knob
    label: str
    text: str
    value: float | int | None
    error: str = ""

    @property
    def turned(self) -> bool:
        return self.text != written(self.knob.value)

    @property
    def in_force(self) -> str:
        return written(self.knob.value)

    @property
    def step(self) -> str:
        return "1" if isinstance(self.knob.value, int) else "0.01"


@dataclass(frozen=True, slots=True)
class Row:
    """`found` is the highest score of the row's category in the text, or None if there is none."""

    label: str
    fields: tuple[Field, ...]
    found: float | None


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    help: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    is_about_scores: bool
    """Whether the rows are categories, so that a detected score can be shown beside each threshold."""


@dataclass(frozen=True, slots=True)
class Board:
    fields: tuple[Field, ...]

    @property
    def has_errors(self) -> bool:
        return any(f.error for f in self.fields)

    @property
    def turned(self) -> dict[str, float | int]:
        """The values that differ from those in force, by parameter name."""
        return {f.knob.name: f.value for f in self.fields if f.value is not None and f.value != f.knob.value}

    @property
    def scalars(self) -> list[Field]:
        return [f for f in self.fields if not f.knob.column]

    def tables(self, mode: str | None, highest: Mapping[str, float]) -> list[Table]:
        """Tables with rows of this mode, or, if None, tables whose rows have no mode. `highest` holds scores by category."""
        cells = [f for f in self.fields if f.knob.column and dict(f.knob.row).get("mode") == mode]
        return [
            _table(name, list(of), highest) for name, of in groupby(cells, key=lambda f: f.knob.parameter)
        ]


def read_board(knobs: Sequence[Knob], posted: Mapping[str, str]) -> Board:
    """Parameters that were not submitted keep the value in force."""
    return Board(tuple(_read(knob, posted.get(knob.name)) for knob in knobs))


def _read(knob: Knob, posted: str | None) -> Field:
    label = " ".join([*(str(value) for _, value in knob.row), knob.column or knob.name]).replace("_", " ")
    if posted is None:
        return Field(knob, label, written(knob.value), knob.value)
    try:
        return Field(knob, label, posted.strip(), knob.read(posted.strip()))
    except ValueError as error:
        return Field(knob, label, posted.strip()[:20], None, str(error))


def _table(name: str, fields: list[Field], highest: Mapping[str, float]) -> Table:
    rows = tuple(_row(list(of), highest) for _, of in groupby(fields, key=lambda f: f.knob.row))
    columns = tuple(f.knob.column for f in rows[0].fields)
    is_about_scores = "category" in dict(fields[0].knob.row)
    return Table(name.replace("_", " ").capitalize(), fields[0].knob.help, columns, rows, is_about_scores)


def _row(fields: list[Field], highest: Mapping[str, float]) -> Row:
    key = {column: str(value) for column, value in fields[0].knob.row if column != "mode"}
    label = " ".join(key.values()) or "this mode"
    return Row(label.replace("_", " "), tuple(fields), highest.get(key.get("category", "")))


def written(value: float | int) -> str:
    """Format 0.5 as 0.50, like the policy's own rows; keep further digits."""
    if isinstance(value, int):
        return str(value)
    short = f"{value:.2f}"
    return short if float(short) == value else repr(value)
