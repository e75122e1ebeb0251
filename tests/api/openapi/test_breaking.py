"""Forty document changes, half of them breaking; and the current documents compared with the released ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.openapi.breaking import find_breaks

DOCUMENTS = Path(__file__).resolve().parents[3] / "docs" / "openapi"
STRING, INTEGER, NUMBER, NULL = ({"type": name} for name in ("string", "integer", "number", "null"))
BEARER = [{"bearer": []}]


def object_of(required: list[str], closed: bool = False, **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": required}
    return schema | {"additionalProperties": False} if closed else schema


def document(**operation: Any) -> dict[str, Any]:
    return {"paths": {"/a": {"post": {"responses": {"200": {}}, **operation}}}}


def request(schema: Any, *, required: bool = True) -> dict[str, Any]:
    return document(requestBody={"required": required, "content": {"application/json": {"schema": schema}}})


def answer(schema: Any) -> dict[str, Any]:
    return document(responses={"200": {"content": {"application/json": {"schema": schema}}}})


def query(schema: Any, *, required: bool = False) -> dict[str, Any]:
    return document(parameters=[{"in": "query", "name": "q", "required": required, "schema": schema}])


def enum(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def shared(schema: Any, model: Any) -> dict[str, Any]:
    return {**request(schema), "components": {"schemas": {"Model": model}}}


def response(schema: Any, *headers: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}, "headers": {name: {} for name in headers}}


def answered(response: Any, shared: Any = None) -> dict[str, Any]:
    return {**document(responses={"200": response}), "components": {"responses": {"Shared": shared}}}


REF = {"$ref": "#/components/schemas/Model"}
LINK = {"$ref": "#/components/responses/Shared"}
OPTIONAL = {"anyOf": [STRING, NULL]}

HARMLESS = {
    "nothing": (document(), document()),
    "path added": (document(), {"paths": {**document()["paths"], "/b": {}}}),
    "method added": (document(), {"paths": {"/a": {**document()["paths"]["/a"], "get": {"responses": {}}}}}),
    "answer added": (document(), document(responses={"200": {}, "409": {}})),
    "credentials dropped": (document(security=BEARER), document(security=[])),
    "other credentials": (document(security=BEARER), document(security=[{"cookie": []}])),
    "optional parameter added": (document(), query(STRING)),
    "parameter optional now": (query(STRING, required=True), query(STRING)),
    "optional field asked": (request(object_of([])), request(object_of([], a=STRING))),
    "field optional now": (request(object_of(["a"], a=STRING)), request(object_of([], a=STRING))),
    "type asked widened": (request(object_of([], a=INTEGER)), request(object_of([], a=NUMBER))),
    "null taken now": (request(STRING), request(OPTIONAL)),
    "enum asked widened": (request(enum("a")), request(enum("a", "b"))),
    "enum asked dropped": (request(enum("a")), request(STRING)),
    "bound asked widened": (request({**STRING, "maxLength": 5}), request({**STRING, "maxLength": 9})),
    "bound asked dropped": (request({**INTEGER, "minimum": 1}), request(INTEGER)),
    "body optional now": (request(STRING), request(STRING, required=False)),
    "field answered": (answer(object_of([])), answer(object_of(["a"], a=STRING))),
    "field always answered now": (answer(object_of([], a=STRING)), answer(object_of(["a"], a=STRING))),
    "enum answered narrowed": (answer(enum("a", "b")), answer(enum("a"))),
    "type answered narrowed": (answer(OPTIONAL), answer(STRING)),
    "number answered whole now": (answer(NUMBER), answer(INTEGER)),
    "bound answered widened": (answer({**STRING, "maxLength": 5}), answer(STRING)),
    "moved into a reference": (shared(STRING, STRING), shared(REF, STRING)),
    "answer moved into a reference": (answered(response(STRING)), answered(LINK, response(STRING))),
    "anything asked": (request(object_of([], a={})), request(object_of([], a={}))),
    "anything answered": (answer(object_of([], a={})), answer(object_of([], a={}))),
    "operation named now": (document(), document(operationId="a")),
    "header added": (answered(response(STRING)), answered(response(STRING, "X-A"))),
}

BREAKING = {
    "path removed": (document(), {"paths": {}}, "/a: the path is gone"),
    "method removed": (document(), {"paths": {"/a": {}}}, "POST /a: the method is gone"),
    "answer removed": (
        document(responses={"200": {}, "201": {}}),
        document(),
        "POST /a: the answer 201 is gone",
    ),
    "credentials needed": (document(), document(security=BEARER), "POST /a: credentials are needed now"),
    "no more anonymous": (
        document(security=[{}, *BEARER]),
        document(security=BEARER),
        "POST /a: credentials are needed now",
    ),
    "required parameter added": (
        document(),
        query(STRING, required=True),
        "POST /a: the query parameter `q` is required now",
    ),
    "parameter removed": (query(STRING), document(), "POST /a: the query parameter `q` is gone"),
    "parameter narrowed": (
        query({**INTEGER, "maximum": 100}),
        query({**INTEGER, "maximum": 50}),
        "POST /a `q`: maximum is 50 now",
    ),
    "body needed": (
        request(STRING, required=False),
        request(STRING),
        "POST /a: a body is required now",
    ),
    "body not taken": (request(STRING), document(), "POST /a: no body is taken any more"),
    "media type not taken": (
        document(requestBody={"content": {"text/plain": {"schema": STRING}}}),
        document(requestBody={"content": {}}),
        "POST /a: a body of text/plain is not taken any more",
    ),
    "required field asked": (
        request(object_of([])),
        request(object_of(["a"], a=STRING)),
        "POST /a body/a: the field is required now",
    ),
    "field refused": (
        request(object_of([], closed=True, a=STRING)),
        request(object_of([], closed=True)),
        "POST /a body/a: the field is not taken any more",
    ),
    "unknown fields refused": (
        request(object_of([])),
        request(object_of([], closed=True)),
        "POST /a body: unknown fields are not taken any more",
    ),
    "type asked narrowed": (
        request(object_of([], a=NUMBER)),
        request(object_of([], a=INTEGER)),
        "POST /a body/a: number is not taken any more",
    ),
    "null not taken": (request(OPTIONAL), request(STRING), "POST /a body: null is not taken any more"),
    "enum asked narrowed": (
        request(enum("a", "b")),
        request(enum("a")),
        "POST /a body: takes fewer values now",
    ),
    "enum asked introduced": (request(STRING), request(enum("a")), "POST /a body: takes fewer values now"),
    "lower bound raised": (
        request({**STRING, "minLength": 1}),
        request({**STRING, "minLength": 2}),
        "POST /a body: minLength is 2 now",
    ),
    "upper bound introduced": (
        request({"type": "array", "items": STRING}),
        request({"type": "array", "items": STRING, "maxItems": 3}),
        "POST /a body: maxItems is 3 now",
    ),
    "bound of an item": (
        request({"type": "array", "items": STRING}),
        request({"type": "array", "items": {**STRING, "maxLength": 3}}),
        "POST /a body/items: maxLength is 3 now",
    ),
    "pattern changed": (
        request({**STRING, "pattern": "a"}),
        request({**STRING, "pattern": "b"}),
        "POST /a body: pattern is asked for now",
    ),
    "narrowed behind a reference": (
        shared(REF, STRING),
        shared(REF, {**STRING, "maxLength": 9}),
        "POST /a body: maxLength is 9 now",
    ),
    "field gone": (
        answer(object_of([], a=STRING)),
        answer(object_of([])),
        "POST /a 200/a: the field is gone",
    ),
    "field may be missing": (
        answer(object_of(["a"], a=STRING)),
        answer(object_of([], a=STRING)),
        "POST /a 200/a: the field may be missing now",
    ),
    "enum answered widened": (
        answer(enum("a")),
        answer(enum("a", "b")),
        "POST /a 200: may have new values now",
    ),
    "enum answered dropped": (answer(enum("a")), answer(STRING), "POST /a 200: may have new values now"),
    "null answered": (answer(STRING), answer(OPTIONAL), "POST /a 200: may be null now"),
    "type answered widened": (answer(INTEGER), answer(NUMBER), "POST /a 200: may be number now"),
    "type of an item": (
        answer({"type": "array", "items": STRING}),
        answer({"type": "array", "items": INTEGER}),
        "POST /a 200/items: may be integer now",
    ),
    "operation renamed": (
        document(operationId="a"),
        document(operationId="b"),
        "POST /a: the operation is not called `a` any more",
    ),
    "header gone": (
        answered(response(STRING, "X-A")),
        answered(response(STRING)),
        "POST /a 200: the header `X-A` is gone",
    ),
    "answer behind a reference": (
        answered(LINK, response(INTEGER)),
        answered(LINK, response(STRING)),
        "POST /a 200: may be string now",
    ),
    "media type not answered": (
        answer(STRING),
        document(responses={"200": {"content": {"text/plain": {"schema": STRING}}}}),
        "POST /a 200: is not answered as application/json any more",
    ),
}


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_change_breaks_nobody(change: str) -> None:
    before, after = HARMLESS[change]

    assert find_breaks(before, after) == []


@pytest.mark.parametrize("change", BREAKING)
def test_breaking_change_is_reported_with_its_location(change: str) -> None:
    before, after, expected = BREAKING[change]

    assert find_breaks(before, after) == [expected]


def test_several_changes_are_reported_in_order() -> None:
    before, after = answer(object_of([], b=STRING, a=STRING)), answer(object_of([]))

    assert find_breaks(before, after) == [f"POST /a 200/{name}: the field is gone" for name in "ab"]


@pytest.mark.parametrize("name", [file.name for file in sorted((DOCUMENTS / "released").iterdir())])
def test_documents_of_today_break_no_consumer_of_the_released_ones(name: str) -> None:
    released, today = (
        json.loads((folder / name).read_text()) for folder in (DOCUMENTS / "released", DOCUMENTS)
    )

    assert find_breaks(released, today) == []
