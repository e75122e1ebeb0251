#!/usr/bin/env bash
# durable-rules 2.0.28 (Python 3.11): an `or` inside `anyItem` depends on the property that comes last in the item.
#
# Whether an item satisfies `a == 1 or b == 1` depends on the order of its keys: the test of
# the property that is read last overwrites the result of the other one. In JSON, the order of keys has no meaning.
#
# Seen:
#   {"b": 0, "a": 1}: True
#   {"a": 1, "b": 0}: False
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check setuptools wheel
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-build-isolation durable-rules==2.0.28

cat > "$folder/ask.py" <<'PYTHON'
import json

import durable_rules_engine as engine

EITHER = {"$iany": {"items": {"$or": [{"$i.a": 1}, {"$i.b": 1}]}}}
RULES = {
    "either": {"all": [{"m": {"$and": [{"on": 1}, EITHER]}}]},
    "always": {"all": [{"m": {"on": 1}}], "pri": 9},
}
for item in [{"b": 0, "a": 1}, {"a": 1, "b": 0}]:
    handle = engine.create_ruleset("items", json.dumps(RULES))
    code, state = engine.assert_facts(handle, json.dumps([{"id": "1", "sid": "one", "on": 1, "items": [item]}]))
    assert code == 0
    _, posted = engine.start_action_for_state(handle, state)
    engine.delete_state(handle, "one")
    engine.delete_ruleset(handle)
    print(f"{json.dumps(item)}: {'either' in json.loads(posted)}")
PYTHON

seen=$("$folder/venv/bin/python" "$folder/ask.py")
echo "$seen"
test "$seen" = '{"b": 0, "a": 1}: True
{"a": 1, "b": 0}: False'
