"""The current contracts of both surfaces, taken from their OpenAPI documents."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from api.openapi.parts import DEPRECATION
from api.openapi.routes import assistant_document
from api.routers.assistant import assistant_api

# Prose for people, and headers that only the deprecated surface sends.
_IGNORED: Final = frozenset({"title", "description", "summary", "operationId", "tags", *DEPRECATION})


def contracts() -> dict[str, dict[str, Any]]:
    """By the surface's name."""
    ninja = assistant_api.get_openapi_schema(path_prefix="assistant/ninja/")
    return {
        "drf": contract_of(assistant_document(), prefix="/assistant"),
        "ninja": contract_of(ninja, prefix="/assistant/ninja"),
    }


def contract_of(document: Mapping[str, Any], *, prefix: str) -> dict[str, Any]:
    """The promises of a document, with paths relative to the prefix and references resolved."""
    components = document["components"]
    return {
        f"{method.upper()} {path.removeprefix(prefix)}": _plain(described, components)
        for path, methods in sorted(document["paths"].items())
        for method, described in sorted(methods.items())
    }


def digest_of(contract: Mapping[str, Any]) -> str:
    text = json.dumps(contract, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any, components: Mapping[str, Any], *, names: bool = False) -> Any:
    """`names` is true if the keys are field names, since a field may be called `title`."""
    if isinstance(value, list):
        return [_plain(item, components) for item in value]
    if not isinstance(value, Mapping):
        return value
    if reference := value.get("$ref"):
        kind, name = str(reference).split("/")[-2:]
        return _plain(components[kind][name], components)
    return {
        key: sorted(item)
        if key == "required" and isinstance(item, list)
        else _plain(item, components, names=key == "properties")
        for key, item in value.items()
        if names or key not in _IGNORED
    }
