"""The query of paginated lists."""

import re
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from api.contract.base import RequestBody

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 100
CURSOR: Final = "^[A-Za-z0-9_-]+:[A-Za-z0-9_-]{43}$"
"""The form of a cursor, for the schema: a key and a signature."""


def _read_count(value: Any) -> Any:
    """Parse digits here, since a query string contains only text and the model does not coerce."""
    if isinstance(value, str):
        if not re.fullmatch(r"[0-9]{1,9}", value):
            raise PydanticCustomError("count", "Input should be a whole number")
        return int(value)
    return value


class PageQuery(RequestBody):
    cursor: (
        Annotated[str, Field(min_length=1, max_length=500, json_schema_extra={"pattern": CURSOR})] | None
    ) = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT), BeforeValidator(_read_count)] = DEFAULT_LIMIT
