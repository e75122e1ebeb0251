"""What both surfaces promise just now, from their own OpenAPI documents."""

import json
from typing import Any

from api.contract.assistant_document import contract_of
from api.routers.assistant import assistant_api
from api.views.assistant_document import drf_document


def contracts() -> dict[str, dict[str, Any]]:
    """By the surface's name."""
    ninja = assistant_api.get_openapi_schema(path_prefix="assistant/ninja/")
    return {
        "drf": contract_of(_as_json(drf_document()), prefix="/assistant"),
        "ninja": contract_of(_as_json(ninja), prefix="/assistant/ninja"),
    }


def _as_json(document: Any) -> Any:
    """As it is served: a status is a text then."""
    return json.loads(json.dumps(document))
