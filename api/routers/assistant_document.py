"""Ninja's own OpenAPI document of the assistant."""

from copy import deepcopy
from typing import Any

from api.contract.assistant import ProblemBody
from api.contract.assistant_document import PAGE, correct
from api.contract.assistant_operations import Operation
from api.routers.surface import ProblemNinja


def describe(operation: Operation) -> dict[str, Any]:
    """Options of Ninja's decorators. What a function takes and where it is, Ninja finds out by itself."""
    return {
        "response": {operation.status: operation.answer, **dict.fromkeys(operation.problems, ProblemBody)},
        "operation_id": operation.id,
        "summary": operation.summary,
        "openapi_extra": {"parameters": deepcopy(PAGE)} if operation.paged else None,
    }


class AssistantNinja(ProblemNinja):
    def get_openapi_schema(self, **options: Any) -> Any:
        return correct(super().get_openapi_schema(**options))
