"""Field types that several bodies share: ids, bounded texts and the one format of a moment."""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, TypeAdapter, WithJsonSchema
from pydantic_core import PydanticCustomError

MAX_ID: Final = 2**63 - 1
MAX_TEXT: Final = 4_000

_RFC_3339: Final = r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)$"
_written_moment: Final = TypeAdapter(Annotated[str, Field(pattern=_RFC_3339, max_length=40)])


def render_moment(moment: datetime) -> str:
    """RFC 3339 in UTC, always with six digits of microseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _read_moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        text = _written_moment.validate_python(value, strict=True)
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError(
            "moment", "Input should be an RFC 3339 time with an offset, such as 2026-01-31T12:00:00Z"
        ) from None


def _refuse_blank(text: str) -> str:
    """Nor only of characters that nobody sees: spaces, controls, zero-width joiners."""
    if all(unicodedata.category(character)[0] in "ZC" for character in text):
        raise PydanticCustomError("blank", "Text should not be blank")
    return text


Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), AfterValidator(_refuse_blank)]
Moment = Annotated[
    datetime,
    BeforeValidator(_read_moment),
    PlainSerializer(render_moment, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
