"""Writes an OpenAPI 3.1 document: the paths from the served routes, the rest from the contract and the table of operations."""

import re
from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from api.contract.fields import MAX_ID
from api.contract.problems import ProblemBody
from api.envelope import BYTES, JSON
from api.openapi.operations import BY_ROUTE, FILE, Operation
from api.openapi.parts import (
    ALWAYS,
    HEADERS,
    IDEMPOTENCY_KEY,
    Part,
    headers_of,
    refer_to_headers,
    refusal,
    refusals_of,
    security_of,
    security_schemes,
)
from marketplace.disputes.media.kinds import KINDS

REF: Final = "#/components/schemas/{model}"
BINARY: Final[Part] = {"type": "string", "format": "binary"}
ABOUT: Final = (
    "Every error is a problem document (RFC 9457). Responses may get new fields; ignore unknown ones."
)
DONE: Final = {200: "Done", 201: "Created", 204: "Done; no content"}
NINJA, DRF = "/assistant/ninja/", "/assistant/"


class Undescribed(Exception):
    """A route without a row in the table of operations."""


class _Schemas(GenerateJsonSchema):
    """Leaves out redundant keywords: titles equal to the field name, and null defaults. Every key of a mapping has its form."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        if "default" in described and described["default"] is None:
            del described["default"]
        return described

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """pydantic writes `patternProperties`, which says nothing about keys that do not match, although it refuses them."""
        described = super().dict_schema(schema)
        for pattern, values in described.pop("patternProperties", {}).items():
            described["additionalProperties"] = values
            described["propertyNames"] = {**described.get("propertyNames", {}), "pattern": pattern}
        return described


def write_document(
    title: str, served: Iterable[tuple[str, str]], *, also: Iterable[str] = ()
) -> dict[str, Any]:
    """`served` contains methods and paths, `also` further headers of every response. Raises Undescribed."""
    always = (*ALWAYS, *also)
    paired = [(path, find_operation(method, path)) for method, path in served]
    paths: dict[str, Part] = {}
    for path, operation in paired:
        paths.setdefault(path, {})[operation.method.lower()] = _describe(path, operation, always)
    operations = [operation for _, operation in paired]
    statuses = sorted({status for operation in operations for status in refusals_of(operation)})
    refusals = {_refusal_name(status): refusal(status, _ref(ProblemBody), always) for status in statuses}
    headers = {name for operation in operations for name in headers_of(operation, always)}
    headers |= {name for each in refusals.values() for name in each["headers"]}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": "1",
            "description": ABOUT,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in sorted({_tag(path) for path in paths})],
        "paths": paths,
        "components": {
            "schemas": _schemas(operations),
            "responses": refusals,
            "headers": {name: HEADERS[name] for name in sorted(headers)},
            "securitySchemes": security_schemes(),
        },
    }


def find_operation(method: str, path: str) -> Operation:
    """The assistant's operations have one row each, but are served at two paths."""
    operation = BY_ROUTE.get((method, path.replace(NINJA, DRF, 1)))
    if operation is None:
        raise Undescribed(f"api/openapi/operations.py does not describe `{method} {path}`")
    return operation


def _describe(path: str, operation: Operation, always: Iterable[str]) -> Part:
    described: Part = {"operationId": operation.id, "summary": operation.summary, "tags": [_tag(path)]}
    parameters = [*_in_path(path), *_in_query(operation)]
    if operation.takes_key:
        parameters.append(IDEMPOTENCY_KEY)
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        described["requestBody"] = _asked(operation.body)
    described["responses"] = {
        **{str(status): _answer(status, operation, always) for status in operation.answers},
        **{
            str(status): {"$ref": f"#/components/responses/{_refusal_name(status)}"}
            for status in refusals_of(operation)
        },
    }
    described["security"] = security_of(operation)
    return described


def _tag(path: str) -> str:
    """The first noun of the path."""
    return next(part for part in path.split("/") if part not in {"", "api", "v1"})


def _in_path(path: str) -> list[Part]:
    number = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
    name = {"type": "string", "minLength": 1}
    return [
        {"name": each, "in": "path", "required": True, "schema": number if each.endswith("_id") else name}
        for each in re.findall(r"{(\w+)}", path)
    ]


def _in_query(operation: Operation) -> list[Part]:
    if operation.query is None:
        return []
    properties = operation.query.model_json_schema(schema_generator=_Schemas)["properties"]
    return [
        {"name": name, "in": "query", "required": False, "schema": _never_null(schema)}
        for name, schema in properties.items()
    ]


def _never_null(schema: Part) -> Part:
    """A query parameter cannot be null, only absent."""
    match schema:
        case {"anyOf": [only, {"type": "null"}], **more}:
            return {**only, **more}
    return schema


def _answer(status: int, operation: Operation, always: Iterable[str]) -> Part:
    model = operation.answers[status]
    answer: Part = {"description": DONE[status], "headers": refer_to_headers(headers_of(operation, always))}
    if model == FILE:
        answer["content"] = {kind: {"schema": BINARY} for kind in (BYTES, *_media_types())}
    elif model is not None:
        schema = {"$ref": REF.format(model=_page_name(model))} if operation.paged else _ref(model)
        answer["content"] = {JSON: {"schema": schema}}
    return answer


def _media_types() -> list[str]:
    return [kind.media_type for kind in KINDS]


def _asked(body: Any) -> Part:
    if body == FILE:
        form = {
            "type": "object",
            "properties": {"file": BINARY},
            "required": ["file"],
            "additionalProperties": False,
        }
        return {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    return {"required": not _takes_nothing(body), "content": {JSON: {"schema": _ref(body)}}}


def _takes_nothing(body: type[BaseModel]) -> bool:
    """An absent body counts as an empty object."""
    try:
        body.model_validate({})
    except ValidationError:
        return False
    return True


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}


def _page_name(model: type[BaseModel]) -> str:
    return model.__name__.removesuffix("Body") + "Page"


def _page(model: type[BaseModel]) -> Part:
    return {
        "type": "object",
        "title": _page_name(model),
        "properties": {
            "items": {"type": "array", "items": _ref(model)},
            "next": {
                "anyOf": [{"type": "string"}, {"type": "null"}],
                "description": "The `cursor` of the next page; null on the last one.",
            },
        },
        "required": ["items", "next"],
    }


def _refusal_name(status: int) -> str:
    return f"Refused{status}"


def _schemas(operations: Iterable[Operation]) -> Part:
    asked: set[Any] = set()
    answered: set[Any] = {ProblemBody}
    pages: Part = {}
    for operation in operations:
        if operation.body not in (None, FILE):
            asked.add(operation.body)
        models = {model for model in operation.answers.values() if model not in (None, FILE)}
        answered |= models
        pages |= {_page_name(model): _page(model) for model in models if operation.paged}
    wanted = [(model, "validation") for model in _by_name(asked)]
    wanted += [(model, "serialization") for model in _by_name(answered)]
    _, schema = models_json_schema(wanted, ref_template=REF, schema_generator=_Schemas)  # type: ignore[arg-type]
    return dict(sorted({**schema["$defs"], **pages}.items()))


def _by_name(models: set[Any]) -> list[Any]:
    return sorted(models, key=lambda model: model.__name__)
