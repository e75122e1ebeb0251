"""The parameters of the moderation profiles as form fields: those of one mode beside its decision, shared ones together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from decisions.trial import Tunable


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter in the form: `text` is the submitted text, `value` its parsed value, or None if invalid."""

    tunable: Tunable
    label: str
    text: str
    value: float | int | None
    error: str = ""

    @property
    def edited(self) -> bool:
        return self.text != written(self.tunable.value)

    @property
    def in_force(self) -> str:
        return written(self.tunable.value)

    @property
    def is_never(self) -> bool:
        """Whether no score reaches this threshold: scores end at 1."""
        return "category" in dict(self.tunable.row) and self.value is not None and self.value > 1

    @property
    def step(self) -> str:
        return "1" if isinstance(self.tunable.value, int) else "0.01"


@dataclass(frozen=True, slots=True)
class Scale:
    """A picture of the scores from 0 to 1, in hundredths: where flagging and blocking begin, and what was detected."""

    flag: int
    flag_width: int
    block: int
    block_width: int
    score: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """`score` is the highest score of the row's category in the text, or None if there is none."""

    label: str
    fields: tuple[Field, ...]
    score: float | None

    @property
    def scale(self) -> Scale | None:
        """None unless both thresholds are valid scores."""
        values = {field.tunable.column: field.value for field in self.fields}
        flag, block = values.get("flag"), values.get("block")
        if not isinstance(flag, float) or not isinstance(block, float):
            return None
        begins, blocks = _hundredths(min(flag, block)), _hundredths(block)
        score = None if self.score is None else min(_hundredths(self.score), 98)
        return Scale(begins, blocks - begins, blocks, 100 - blocks, score)


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
    def edited(self) -> dict[str, float | int]:
        """The values that differ from those in force, by parameter name."""
        return {
            f.tunable.name: f.value for f in self.fields if f.value is not None and f.value != f.tunable.value
        }

    @property
    def scalars(self) -> list[Field]:
        return [f for f in self.fields if not f.tunable.column]

    def tables(self, mode: str | None, highest: Mapping[str, float]) -> list[Table]:
        """Tables with rows of this mode, or, if None, tables whose rows have no mode. `highest` holds scores by category."""
        cells = [f for f in self.fields if f.tunable.column and dict(f.tunable.row).get("mode") == mode]
        return [
            _table(name, list(of), highest) for name, of in groupby(cells, key=lambda f: f.tunable.parameter)
        ]


def read_board(tunables: Sequence[Tunable], posted: Mapping[str, str]) -> Board:
    """Parameters that were not submitted keep the value in force."""
    return Board(tuple(_read(tunable, posted.get(tunable.name)) for tunable in tunables))


def _read(tunable: Tunable, posted: str | None) -> Field:
    label = " ".join([*(str(value) for _, value in tunable.row), tunable.column or tunable.name]).replace(
        "_", " "
    )
    if posted is None:
        return Field(tunable, label, written(tunable.value), tunable.value)
    try:
        return Field(tunable, label, posted.strip(), tunable.read(posted.strip()))
    except ValueError as error:
        return Field(tunable, label, posted.strip()[:20], None, str(error))


def _table(name: str, fields: list[Field], highest: Mapping[str, float]) -> Table:
    rows = tuple(_row(list(of), highest) for _, of in groupby(fields, key=lambda f: f.tunable.row))
    columns = tuple(f.tunable.column for f in rows[0].fields)
    is_about_scores = "category" in dict(fields[0].tunable.row)
    return Table(name.replace("_", " ").capitalize(), fields[0].tunable.help, columns, rows, is_about_scores)


def _row(fields: list[Field], highest: Mapping[str, float]) -> Row:
    key = {column: str(value) for column, value in fields[0].tunable.row if column != "mode"}
    label = " ".join(key.values()) or "this mode"
    return Row(label.replace("_", " "), tuple(fields), highest.get(key.get("category", "")))


def written(value: float | int) -> str:
    """Format 0.5 as 0.50, like the policy's own rows; keep further digits."""
    if isinstance(value, int):
        return str(value)
    short = f"{value:.2f}"
    return short if float(short) == value else repr(value)


def _hundredths(score: float) -> int:
    return round(100 * min(max(score, 0.0), 1.0))
