"""`manage.py openapi docs/openapi`: write the OpenAPI documents to a folder."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from api.openapi.routes import assistant_document, marketplace_document
from api.routers.policies import policy_api


def render_documents() -> dict[str, str]:
    """The text of each file, by file name."""
    documents = {
        "assistant.json": assistant_document(),
        "marketplace.json": marketplace_document(),
        "policies.json": policy_api.get_openapi_schema(),
    }
    return {name: json.dumps(document, indent=2) + "\n" for name, document in documents.items()}


class Command(BaseCommand):
    help = "Write the OpenAPI documents; a test compares them with the code."

    def get_check_kwargs(self, options: dict[str, Any]) -> Any:
        """No databases: from Django 6.1 on, checks open all of them, and SQLite would create a missing file."""
        return {"databases": []}

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("into", type=Path, help="a folder, such as docs/openapi")

    def handle(self, *, into: Path, **_: Any) -> None:
        for name, text in render_documents().items():
            (into / name).write_text(text)
            self.stdout.write(f"{into / name}")
