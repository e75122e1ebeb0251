"""The OpenAPI documents for schemathesis."""

import json
import re
from typing import Any

import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import strategies as st

from api.contract.fields import STORABLE, VISIBLE
from api.keys import WRITTEN
from tests.conftest import SIZE

ANY = st.characters(exclude_categories=["Cs"])
IN_A_KEY = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
FORMATS = {
    VISIBLE: ("visible-text", st.text(ANY, min_size=1)),
    STORABLE: ("storable-text", st.text(ANY)),
    WRITTEN: ("written-key", st.text(IN_A_KEY, min_size=1)),
}
"""The small run generates arbitrary texts and drops those that do not match the pattern. Generating from the pattern takes
seconds per operation, so only the full run does."""

for pattern, (name, texts) in FORMATS.items():
    schemathesis.openapi.format(name, texts.filter(re.compile(pattern).search))


def load(document: Any) -> Any:
    """Loads a document for calls within this process."""
    loaded = schemathesis.openapi.from_dict(_cheap(document) if SIZE == "small" else document)
    loaded.app = WSGIHandler()
    return loaded


def _cheap(document: Any) -> Any:
    text = json.dumps(document)
    for pattern, (name, _) in FORMATS.items():
        text = text.replace(f'"pattern": {json.dumps(pattern)}', f'"format": {json.dumps(name)}')
    return json.loads(text)
