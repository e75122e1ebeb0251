"""Ninja's OpenAPI document of the assistant: its own words for operations and answers, ours for problems and pages."""

from typing import Any, Final

from api.contract.assistant import ProblemBody
from api.contract.assistant_operations import Operation
from api.contract.pages import DEFAULT_LIMIT, MAX_LIMIT
from api.problems import CONTENT_TYPE
from api.routers.surface import ProblemNinja

PAGE_PARAMETERS: Final[list[dict[str, Any]]] = [
    {
        "in": "query",
        "name": "cursor",
        "required": False,
        "schema": {"type": "string", "minLength": 1, "maxLength": 500},
    },
    {
        "in": "query",
        "name": "limit",
        "required": False,
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    },
]


def describe(operation: Operation) -> dict[str, Any]:
    """Options of Ninja's decorators."""
    return {
        "response": {
            operation.status: operation.answer,
            **dict.fromkeys(operation.problems, ProblemBody),
        },
        "operation_id": operation.id,
        "summary": operation.summary,
        "openapi_extra": {"parameters": [dict(p) for p in PAGE_PARAMETERS]} if operation.paged else None,
    }


class AssistantNinja(ProblemNinja):
    def get_openapi_schema(self, **options: Any) -> Any:
        document = super().get_openapi_schema(**options)
        for path in document["paths"].values():
            path.pop("head", None)
            for operation in path.values():
                _correct(operation)
        return document


def _correct(operation: dict[str, Any]) -> None:
    """Ninja calls every answer application/json, and a body of an operation optional where it has no name for it."""
    for status, response in operation["responses"].items():
        if int(status) >= 400 and "application/json" in response.get("content", {}):
            response["content"] = {CONTENT_TYPE: response["content"].pop("application/json")}
