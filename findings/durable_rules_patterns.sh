#!/usr/bin/env bash
# durable-rules 2.0.28 (Python 3.11): `\d`, anchors and non-capturing groups are accepted in a pattern, but never match.
#
# Its pattern language only looks like regular expressions. A rule with an unsupported part loads
# without an error and is never true, so a policy that relies on it silently does nothing.
#
# Seen:
#   [a-z] on a: True
#   \d on 7: False
#   ^a$ on a: False
#   (?:a) on a: False
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check setuptools wheel
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-build-isolation durable-rules==2.0.28

cat > "$folder/ask.py" <<'PYTHON'
import json

import durable_rules_engine as engine


def fires(pattern, text):
    """Whether a rule with this pattern fires for a fact with this text; the second rule matches every fact."""
    rules = {
        "matching": {"all": [{"m": {"$and": [{"on": 1}, {"$mt": {"p": pattern}}]}}]},
        "always": {"all": [{"m": {"on": 1}}], "pri": 9},
    }
    handle = engine.create_ruleset("patterns", json.dumps(rules))
    code, state = engine.assert_facts(handle, json.dumps([{"id": "1", "sid": "one", "on": 1, "p": text}]))
    assert code == 0
    _, posted = engine.start_action_for_state(handle, state)
    engine.delete_state(handle, "one")
    engine.delete_ruleset(handle)
    return "matching" in json.loads(posted)


for pattern, text in [("[a-z]", "a"), (r"\d", "7"), ("^a$", "a"), ("(?:a)", "a")]:
    print(f"{pattern} on {text}: {fires(pattern, text)}")
PYTHON

seen=$("$folder/venv/bin/python" "$folder/ask.py")
echo "$seen"
test "$seen" = '[a-z] on a: True
\d on 7: False
^a$ on a: False
(?:a) on a: False'
