"""Makes the document: routes and who may ask from the views, bodies from the contract, words from the table."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from django.urls import URLPattern, get_resolver
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.admission import Access
from api.contract.fields import MAX_ID
from api.contract.problems import ProblemBody
from api.keys import KEY_SYNTAX, LONGEST_WRITTEN
from api.openapi.operations import FILE, OPERATIONS, File, Operation
from api.views.base import ApiView

REF: Final = "#/components/schemas/{model}"
_PARAMETER: Final = re.compile(r"<(?:int:)?(\w+)>")
BINARY: Final = {"type": "string", "format": "binary"}
_METHODS: Final = ("GET", "POST", "DELETE")


class Undescribed(Exception):
    """A route without a row in the table of operations."""


@cache
def build_document() -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for method, path, view in routes():
        operation = OPERATIONS.get((method, path))
        if operation is None:
            raise Undescribed(f"api/openapi/operations.py does not describe `{method} {path}`")
        paths.setdefault(path, {})[method.lower()] = _describe(method, path, view.access, operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Comity marketplace API", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def routes() -> Iterator[tuple[str, str, type[ApiView]]]:
    """Method, path and view of each operation of the marketplace: the assistant has a document of its own."""
    for pattern in get_resolver().url_patterns:
        for route in getattr(pattern, "url_patterns", [pattern]):
            view = getattr(getattr(route, "callback", None), "view_class", None)
            if isinstance(view, type) and issubclass(view, ApiView) and _is_described(view, route):
                yield from (
                    (method, _path(route), view) for method in _METHODS if hasattr(view, method.lower())
                )


def _is_described(view: type[ApiView], route: URLPattern) -> bool:
    return view.described and _path(route).startswith("/api/")


def _path(route: URLPattern) -> str:
    return "/" + _PARAMETER.sub(r"{\1}", str(route.pattern))


def _describe(method: str, path: str, access: Access, operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": _name(method, path), "summary": operation.summary}
    parameters = [*_in_path(path), *_in_query(operation), *_in_headers(method, access)]
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        described["requestBody"] = _asked(operation.body)
    described["responses"] = {
        **{str(status): _answer(status, operation) for status in operation.answers},
        **{str(status): _refusal() for status in _refusals(method, path, access, operation)},
    }
    described["security"] = _security(access)
    return described


def _name(method: str, path: str) -> str:
    words = [word for word in re.split(r"\W+", path.removeprefix("/api/")) if word not in {"", "v1"}]
    return "_".join([method.lower(), *words]).replace("-", "_")


def _in_path(path: str) -> list[dict[str, Any]]:
    number = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
    return [
        {"name": name, "in": "path", "required": True, "schema": number}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _in_query(operation: Operation) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    properties = operation.query.model_json_schema()["properties"]
    return [
        {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in properties.items()
    ]


def _in_headers(method: str, access: Access) -> list[dict[str, Any]]:
    if method != "POST" or access is Access.UNASKED:
        return []
    text = {"type": "string", "minLength": 1, "maxLength": LONGEST_WRITTEN}
    return [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": KEY_SYNTAX,
            "schema": text,
        }
    ]


def _answer(status: int, operation: Operation) -> dict[str, Any]:
    model = operation.answers[status]
    if model is None:
        return {"description": "Done"}
    if model == FILE:
        return {"description": "Done", "content": {"*/*": {"schema": BINARY}}}
    return {"description": "Done", "content": _json(_page(model) if operation.paged else _ref(model))}


def _asked(body: type[BaseModel] | File) -> dict[str, Any]:
    if body == FILE:
        form = {
            "type": "object",
            "properties": {"file": BINARY},
            "required": ["file"],
            "additionalProperties": False,
        }
        return {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    required = any(field.is_required() for field in body.model_fields.values())
    return {"required": required, "content": _json(_ref(body))}


def _page(model: type[BaseModel]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": _ref(model)},
            "next": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["items", "next"],
        "additionalProperties": False,
    }


def _refusals(method: str, path: str, access: Access, operation: Operation) -> list[int]:
    found = {406, 429, 503, *operation.refusals}
    if access is not Access.UNASKED:
        found |= {401}
        found |= {403} if method != "GET" or access not in {Access.ANYONE, Access.SIGNED_IN} else set()
    if method == "POST":
        found |= {400, 411, 413, 415, 422}
    if operation.paged:
        found |= {400, 422}
    if "{" in path:
        found |= {404}
    return sorted(found)


def _refusal() -> dict[str, Any]:
    return {"description": "Refused", "content": {"application/problem+json": {"schema": _ref(ProblemBody)}}}


def _security(access: Access) -> list[dict[str, list[str]]]:
    if access is Access.UNASKED:
        return []
    return [{}, {"bearer": []}] if access is Access.ANYONE else [{"bearer": []}]


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}


def _schemas() -> dict[str, Any]:
    asked = {o.body for o in OPERATIONS.values() if o.body not in (None, FILE)}
    told = {model for o in OPERATIONS.values() for model in o.answers.values() if model not in (None, FILE)}
    models = [(model, "validation") for model in _by_name(asked)]
    models += [(model, "serialization") for model in _by_name(told | {ProblemBody})]
    _, schema = models_json_schema(models, ref_template=REF)  # type: ignore[arg-type]
    return dict(sorted(schema["$defs"].items()))


def _by_name(models: set[Any]) -> list[Any]:
    return sorted(models, key=lambda model: model.__name__)
