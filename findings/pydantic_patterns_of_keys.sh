#!/usr/bin/env bash
# pydantic 2.14.4 and jsonschema-rs 0.60.3 (Python 3.11): a pattern for keys is checked, but its JSON schema lets other keys pass.
#
# pydantic writes the pattern of a mapping's keys as `patternProperties`, which says how the values of matching keys look. Keys
# that do not match are then allowed, with any value, although pydantic refuses them. Bounds of their length become
# `propertyNames` and do hold. So a client that follows the document is refused. What would say the same is a pattern in
# `propertyNames`, and `additionalProperties` for the values.
#
# Seen:
#   {"patternProperties": {"^[a-z]+$": {"type": "string"}}, "propertyNames": {"maxLength": 9}, "type": "object"}
#   {'a': 'x'}: pydantic accepts, the schema accepts
#   {'A': 'x'}: pydantic refuses, the schema accepts
#   {'A': [1]}: pydantic refuses, the schema accepts
#   {'aaaaaaaaaa': 'x'}: pydantic refuses, the schema refuses
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydantic==2.14.4 jsonschema-rs==0.60.3

cat > "$folder/keys.py" <<'PYTHON'
import json
from typing import Annotated

import jsonschema_rs
from pydantic import Field, TypeAdapter, ValidationError

Name = Annotated[str, Field(pattern="^[a-z]+$", max_length=9)]
adapter = TypeAdapter(dict[Name, str])
schema = adapter.json_schema()
print(json.dumps(schema, sort_keys=True))
validator = jsonschema_rs.validator_for(schema)
for value in ({"a": "x"}, {"A": "x"}, {"A": [1]}, {"a" * 10: "x"}):
    try:
        adapter.validate_python(value)
        own = "accepts"
    except ValidationError:
        own = "refuses"
    print(f"{value}: pydantic {own}, the schema {'accepts' if validator.is_valid(value) else 'refuses'}")
PYTHON

seen=$("$folder/venv/bin/python" "$folder/keys.py")
echo "$seen"
[ "$seen" = "$(sed -n 's/^#   //p' "$0")" ]
