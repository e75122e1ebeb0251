"""The OpenAPI documents for schemathesis, which makes requests of them."""

import json
import re
from typing import Any

import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import strategies as st

from api.contract.fields import STORABLE, VISIBLE
from tests.conftest import SIZE

FORMATS = {VISIBLE: "visible-text", STORABLE: "storable-text"}
"""A small run makes texts of any characters and drops those that do not fit the pattern. Making them from the pattern takes
seconds for each operation; a full run does that."""

for pattern, name in FORMATS.items():
    matching = st.text(st.characters(exclude_categories=["Cs"]), max_size=4_000).filter(
        re.compile(pattern).search
    )
    schemathesis.openapi.format(name, matching)


def load(document: Any) -> Any:
    """A document, ready to be called in this process."""
    loaded = schemathesis.openapi.from_dict(cheap(document) if SIZE == "small" else document)
    loaded.app = WSGIHandler()
    return loaded


def cheap(document: Any) -> Any:
    text = json.dumps(document)
    for pattern, name in FORMATS.items():
        text = text.replace(f'"pattern": {json.dumps(pattern)}', f'"format": {json.dumps(name)}')
    return json.loads(text)
