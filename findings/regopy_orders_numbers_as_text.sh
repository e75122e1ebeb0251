#!/usr/bin/env bash
# regopy 1.5.2 (rego-cpp, Python 3.11): `sort`, `max` and `min` of an array order numbers by their digits as text.
#
# In Rego numbers are ordered by value, and null, booleans, numbers and strings come in this order. Here 10 comes before 2, the
# greatest of 10, 9 and 2 is 9, and a string comes before a number. `10 > 9` itself is right, so a policy that compares works and
# one that takes the highest offer does not. Below ten, and with as many digits everywhere, nothing shows it.
#
# Seen:
#   10 > 9: true
#   sort([10, 9, 2]): [10, 2, 9]
#   max([10, 9, 2]): 9
#   min([10, 9, 2]): 10
#   sort([1, "a", null]): ["a", 1, null]
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check regopy==1.5.2

cat > "$folder/ask.py" <<'PYTHON'
import json

from regopy import Interpreter

rego = Interpreter()
for text in ("10 > 9", "sort([10, 9, 2])", "max([10, 9, 2])", "min([10, 9, 2])", 'sort([1, "a", null])'):
    [answer] = rego.query(text).results[0].expressions
    print(f"{text}: {json.dumps(answer)}")
PYTHON
seen=$("$folder/venv/bin/python" "$folder/ask.py")
echo "$seen"
test "$seen" = '10 > 9: true
sort([10, 9, 2]): [10, 2, 9]
max([10, 9, 2]): 9
min([10, 9, 2]): 10
sort([1, "a", null]): ["a", 1, null]'
