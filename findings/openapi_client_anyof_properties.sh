#!/usr/bin/env bash
# openapi-python-client 0.29.1: `anyOf` beside `properties` drops the properties.
#
# An object schema may have `properties` and, to require one of two of them, `anyOf`. The generator then creates a
# class for each alternative and none for the whole: a field that only `properties` has is missing, no class has both fields,
# and unknown fields are accepted. There is no warning: `--fail-on-warning` exits with 0. Expected: one class with every field.
# `minProperties: 1` instead of `anyOf` keeps it.
#
# Seen:
#   anyOf: {'ChangeType0': ['title', 'additional_properties'], 'ChangeType1': ['read', 'additional_properties']}
#   minProperties: {'Change': ['title', 'read', 'note']}
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openapi-python-client==0.29.1
cat >try.py <<'PYTHON'
import ast, json, pathlib, subprocess

TEXT = {"type": "string"}
FIELDS = {"title": TEXT, "read": {"type": "integer"}, "note": TEXT}
ONE_OF = [{"required": ["title"], "properties": {"title": TEXT}},
          {"required": ["read"], "properties": {"read": {"type": "integer"}}}]

def fields(name, **more):
    change = {"type": "object", "additionalProperties": False, "properties": FIELDS, **more}
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Change"}}}}
    document = {"openapi": "3.1.0", "info": {"title": name, "version": "1"}, "components": {"schemas": {"Change": change}},
                "paths": {"/a": {"patch": {"operationId": "change", "requestBody": body,
                                           "responses": {"204": {"description": "Done"}}}}}}
    pathlib.Path(f"{name}.json").write_text(json.dumps(document))
    pathlib.Path("config.yaml").write_text("post_hooks: []\n")
    subprocess.run(["venv/bin/openapi-python-client", "generate", "--path", f"{name}.json", "--output-path", name,
                    "--meta", "none", "--config", "config.yaml", "--fail-on-warning"], check=True, stdout=subprocess.DEVNULL)
    return {found.name: [each.target.id for each in found.body if isinstance(each, ast.AnnAssign)]
            for file in sorted(pathlib.Path(name, "models").glob("change*.py"))
            for found in ast.parse(file.read_text()).body if isinstance(found, ast.ClassDef)}

for name, more in {"anyOf": {"anyOf": ONE_OF}, "minProperties": {"minProperties": 1}}.items():
    print(f"{name}: {fields(name, **more)}")
PYTHON
venv/bin/python try.py | tee seen
diff seen - <<'SEEN'
anyOf: {'ChangeType0': ['title', 'additional_properties'], 'ChangeType1': ['read', 'additional_properties']}
minProperties: {'Change': ['title', 'read', 'note']}
SEEN
