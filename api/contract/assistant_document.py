"""OpenAPI 3.1 documents of the assistant: one made from the table of operations, and what any two must have in common."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from http.client import responses
from typing import Any, Final

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from api.contract.assistant import ProblemBody
from api.contract.assistant_operations import BY_ID, Operation
from api.contract.base import AnswerBody, RequestBody
from api.contract.pages import CURSOR, DEFAULT_LIMIT, MAX_LIMIT

PROBLEM: Final = "application/problem+json"
JSON: Final = "application/json"
SCHEMES: Final[dict[str, Any]] = {
    "token": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
}
SIGNED_IN: Final[list[dict[str, list[str]]]] = [{"token": []}, {"session": []}]
EVERYBODY: Final[list[dict[str, list[str]]]] = [{}, *SIGNED_IN]
PAGE: Final[list[dict[str, Any]]] = [
    {
        "in": "query",
        "name": "cursor",
        "required": False,
        "schema": {"type": "string", "minLength": 1, "maxLength": 500, "pattern": CURSOR},
    },
    {
        "in": "query",
        "name": "limit",
        "required": False,
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    },
]
NUMBER: Final[dict[str, Any]] = {
    "in": "path",
    "name": "conversation_id",
    "required": True,
    "schema": {"type": "integer"},
}
# Words for people, and what says nothing that its absence would not.
_UNSAID: Final = frozenset({"title", "description", "summary", "operationId", "tags"})

Model = type[AnswerBody] | type[RequestBody]


def write_document(operations: Iterable[Operation], *, prefix: str, title: str) -> dict[str, Any]:
    operations = list(operations)
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(prefix + operation.path, {})[operation.method.lower()] = _describe(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "paths": paths,
        "components": {"schemas": _schemas(operations), "securitySchemes": SCHEMES},
    }


def _describe(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": [*([NUMBER] if "{" in operation.path else []), *(PAGE if operation.paged else [])],
        "responses": {
            str(operation.status): _response(operation.status, operation.answer, JSON),
            **{str(status): _response(status, ProblemBody, PROBLEM) for status in operation.problems},
        },
        "security": EVERYBODY if operation.for_everybody else SIGNED_IN,
    }
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {JSON: {"schema": _refer(operation.body)}}}
    return described


def _response(status: int, model: Model | None, media_type: str) -> dict[str, Any]:
    described: dict[str, Any] = {"description": responses[status]}
    return described | ({"content": {media_type: {"schema": _refer(model)}}} if model else {})


def _refer(model: Model) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    wanted: dict[Model, JsonSchemaMode] = {ProblemBody: "serialization"}
    for operation in operations:
        if operation.answer is not None:
            wanted[operation.answer] = "serialization"
        if operation.body is not None:
            wanted[operation.body] = "validation"
    _, found = models_json_schema(list(wanted.items()), ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def contract_of(document: Mapping[str, Any], *, prefix: str) -> dict[str, Any]:
    """What a document promises, with paths that begin behind the prefix and with its schemas written out."""
    schemas = document["components"]["schemas"]
    return {
        f"{method.upper()} {path.removeprefix(prefix)}": _plain(described, schemas)
        for path, methods in sorted(document["paths"].items())
        for method, described in sorted(methods.items())
    }


def digest_of(contract: Mapping[str, Any]) -> str:
    text = json.dumps(contract, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any, schemas: Mapping[str, Any], *, names: bool = False) -> Any:
    """`names` where the keys are fields of a body, which may be called `title`."""
    if isinstance(value, list):
        return [_plain(item, schemas) for item in value]
    if not isinstance(value, Mapping):
        return value
    if reference := value.get("$ref"):
        return _plain(schemas[str(reference).rpartition("/")[2]], schemas)
    return {
        key: sorted(item)
        if key == "required" and isinstance(item, list)
        else _plain(item, schemas, names=key == "properties")
        for key, item in value.items()
        if names or (key not in _UNSAID and not (key == "default" and item is None))
    }


def correct(document: dict[str, Any]) -> dict[str, Any]:
    """In a document that Ninja wrote: problems have a media type of their own, and Ninja knows no caller who may be nobody
    and no HEAD that goes without saying."""
    for path in document["paths"].values():
        path.pop("head", None)
        for described in path.values():
            everybody = BY_ID[described["operationId"]].for_everybody
            described["security"] = EVERYBODY if everybody else SIGNED_IN
            for status, response in described["responses"].items():
                if int(status) >= 400:
                    response["content"] = {PROBLEM: response["content"].pop(JSON)}
    document["components"]["securitySchemes"] = SCHEMES
    return document
