"""Compares every response that a generated client gets with the document behind the client."""

import json
import re
from collections import defaultdict
from typing import Any

import httpx
import jsonschema_rs

from tests.clients.conftest import DOCUMENTS

OF_EVERY_SERVER = {
    *(
        "content-type",
        "content-length",
        "cache-control",
        "vary",
        "allow",
        "x-frame-options",
        "content-security-policy",
    ),
    *("x-content-type-options", "referrer-policy", "cross-origin-opener-policy"),
}


class Documented:
    """`met` holds the statuses that each operation has returned."""

    def __init__(self, name: str) -> None:
        self.whole: Any = json.loads((DOCUMENTS / f"{name}.json").read_text())
        self.met: dict[str, set[int]] = defaultdict(set)

    @property
    def operations(self) -> dict[str, Any]:
        return {
            each["operationId"]: each for methods in self.whole["paths"].values() for each in methods.values()
        }

    def check(self, response: httpx.Response) -> None:
        operation = self._find(response.request)
        answer = self._follow(operation["responses"][str(response.status_code)])
        headers = {name.lower() for name in answer["headers"]}
        assert set(response.headers) - OF_EVERY_SERVER <= headers
        assert {"x-request-id", "comity-bundle"} <= set(response.headers)
        response.read()
        if "content" in answer:
            kind = response.headers["Content-Type"].partition(";")[0]
            schema = answer["content"][kind]["schema"]
            if kind.endswith("json"):
                jsonschema_rs.validate({**schema, "components": self.whole["components"]}, response.json())
        else:
            assert response.content == b""
        self.met[operation["operationId"]].add(response.status_code)

    def _find(self, request: httpx.Request) -> Any:
        for path, methods in self.whole["paths"].items():
            operation = methods.get(request.method.lower())
            if operation and re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), request.url.path):
                return operation
        raise AssertionError(f"nothing describes {request.method} {request.url.path}")

    def _follow(self, part: Any) -> Any:
        if "$ref" not in part:
            return part
        kind, name = part["$ref"].split("/")[-2:]
        return self.whole["components"][kind][name]
