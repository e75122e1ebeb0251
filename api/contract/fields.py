"""Field types that several bodies share: ids, bounded text and the timestamp format."""

import re
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
    if not _visible.match(text):
        raise PydanticCustomError("blank", "Text should not be blank")
    return text


# Invisible characters: spaces, controls and format characters. NUL is separate: no database stores it.
_UNSEEN: Final = (
    r"\u0001-\u0020\u007f-\u00a0\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u1680\u180e\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u3000\ue000-\uf8ff\ufeff\ufff0-\ufffb"
)
UNSEEN_BEYOND: Final = (  # U+FFFF
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
    "\U000f0000-\U0010ffff"
)
STORABLE: Final = r"^[^\u0000]*$"
"""These patterns go into the schemas: text that matches is never refused as blank or as impossible to store."""
VISIBLE: Final = rf"^[^\u0000]*[^\u0000{_UNSEEN}][^\u0000]*$"
"""Leaves out everything above U+FFFF: many tools compile such a range without the `u` flag, which makes it a syntax error. Text
that consists only of rare invisible characters therefore matches the pattern and is refused."""
_visible: Final = re.compile(rf"[\u0000{_UNSEEN}{UNSEEN_BEYOND}]*[^\u0000{_UNSEEN}{UNSEEN_BEYOND}]")

Line = Annotated[str, Field(json_schema_extra={"pattern": STORABLE})]
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Text = Annotated[
    str,
    Field(min_length=1, max_length=MAX_TEXT, json_schema_extra={"pattern": VISIBLE}),
    AfterValidator(_refuse_blank),
]
Moment = Annotated[
    datetime,
    BeforeValidator(_read_moment),
    PlainSerializer(render_moment, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
