"""JSON that comes back from the database exactly as it was stored."""

import json
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


def canonical(value: object) -> str:
    """The one spelling of a JSON value: sorted keys, no spaces, ASCII only."""
    return json.dumps(value, cls=DjangoJSONEncoder, sort_keys=True, separators=(",", ":"))


# Django's classes cannot be subscripted at run time, but mypy would take the value for text.
if TYPE_CHECKING:
    Text = models.TextField[Any, Any]
else:
    Text = models.TextField


class ExactJSONField(Text):
    """Canonical JSON in a text column. PostgreSQL's jsonb would spell `1e300` as an integer and lose the sign of `-0.0`, so
    that a fact read back is not the fact that was decided about."""

    if TYPE_CHECKING:
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, *_: object) -> Any:
        return None if value is None else json.loads(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else canonical(value)

    def value_to_string(self, obj: models.Model) -> Any:
        """`dumpdata` writes the value, not its text, and `loaddata` gives it back."""
        return self.value_from_object(obj)

    def to_python(self, value: Any) -> Any:
        return value
