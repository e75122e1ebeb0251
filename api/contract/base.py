"""Base classes of the two kinds of bodies: requests (no unknown fields, no coercion) and responses."""

from collections.abc import Iterable
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class RequestBody(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


def _may_grow(schema: dict[str, Any]) -> None:
    """Responses contain only declared fields, but clients must tolerate new ones: a later version may add some."""
    schema.pop("additionalProperties", None)


class AnswerBody(BaseModel):
    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        from_attributes=True,
        hide_input_in_errors=True,
        json_schema_extra=_may_grow,
    )

    @classmethod
    def render(cls, source: object) -> dict[str, Any]:
        """The JSON object of any object or mapping that has this body's fields."""
        return cls.model_validate(source).model_dump(mode="json")

    @classmethod
    def render_all(cls, sources: Iterable[object]) -> list[dict[str, Any]]:
        return [cls.render(source) for source in sources]

    @classmethod
    def of(cls, source: object) -> Self:
        return cls.model_validate(source)
