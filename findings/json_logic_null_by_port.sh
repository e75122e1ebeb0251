#!/usr/bin/env bash
# json-logic-qubit 0.9.1, panzi-json-logic 1.0.1, jsonlogic-rs 0.5.0, datalogic-py 5.9.0 (Python 3.11): null in JSON Logic.
#
# A rule in JSON is meant to mean the same everywhere. Whether a null is at least 0 depends on the port, and in jsonlogic-rs it
# is below 1 without being 0 or more. `missing` counts a null as missing in two of them. The remainder of -7 by 3 has the sign
# of Python in two and of JavaScript in two. Give numbers only, or test the ports on null before a change of engine. The first
# two also install one module, `json_logic`, so that the later one silently replaces the other in an environment.
#
# Seen:
#   null >= 0: qubit False, panzi True, rs False, datalogic True
#   null < 1: qubit False, panzi True, rs True, datalogic True
#   missing: qubit ['a'], panzi ['a'], rs [], datalogic []
#   -7 % 3: qubit 2, panzi 2, rs -1, datalogic -1
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
install() { "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "$@"; }
install jsonlogic-rs==0.5.0 datalogic-py==5.9.0
install --target "$folder/qubit" json-logic-qubit==0.9.1
install --target "$folder/panzi" panzi-json-logic==1.0.1

cat > "$folder/ask.py" <<'PYTHON'
import importlib
import sys

import datalogic_py
import jsonlogic_rs


def port(folder):
    sys.path.insert(0, folder)
    sys.modules.pop("json_logic", None)
    return importlib.import_module("json_logic").jsonLogic


ports = {
    "qubit": port(sys.argv[1]),
    "panzi": port(sys.argv[2]),
    "rs": jsonlogic_rs.apply,
    "datalogic": datalogic_py.apply,
}
rules = {
    "null >= 0": {">=": [{"var": "a"}, 0]},
    "null < 1": {"<": [{"var": "a"}, 1]},
    "missing": {"missing": ["a"]},
    "-7 % 3": {"%": [-7, 3]},
}
for name, rule in rules.items():
    print(f"{name}: " + ", ".join(f"{port} {apply(rule, {'a': None})}" for port, apply in ports.items()))
PYTHON
seen=$("$folder/venv/bin/python" "$folder/ask.py" "$folder/qubit" "$folder/panzi")
echo "$seen"
test "$seen" = "null >= 0: qubit False, panzi True, rs False, datalogic True
null < 1: qubit False, panzi True, rs True, datalogic True
missing: qubit ['a'], panzi ['a'], rs [], datalogic []
-7 % 3: qubit 2, panzi 2, rs -1, datalogic -1"
