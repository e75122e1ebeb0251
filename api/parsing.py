"""Parses a request into a model of the contract, or raises a 422 that lists each invalid field."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from django.http import HttpRequest
from pydantic import ValidationError

from api.contract.base import RequestBody
from api.json_body import pointer_to, read_json
from api.problems import Problem

Body = TypeVar("Body", bound=RequestBody)
Query = TypeVar("Query", bound=RequestBody)

MAX_ERRORS: Final = 20


def read_body(request: HttpRequest, model: type[Body]) -> Body:
    try:
        return model.model_validate(read_json(request))
    except ValidationError as error:
        raise misfit(error.errors(include_url=False, include_input=False)) from None


def misfit(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """Lists the first of pydantic's errors. Never echoes the submitted values."""
    named = [{"pointer": pointer_to(*error["loc"]), "message": error["msg"]} for error in errors[:MAX_ERRORS]]
    return Problem("invalid-request", "The body is invalid for this operation.", errors=named)


def read_query(request: HttpRequest, model: type[Query]) -> Query:
    repeated = [name for name, values in request.GET.lists() if len(values) > 1]
    try:
        if not repeated:
            return model.model_validate(request.GET.dict())
        named = [{"parameter": name, "message": "Parameter should be given once"} for name in repeated]
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        named = [{"parameter": str(detail["loc"][0]), "message": detail["msg"]} for detail in details]
    raise Problem("invalid-request", "The query is invalid for this operation.", errors=named)
