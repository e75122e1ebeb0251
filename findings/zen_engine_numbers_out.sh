#!/usr/bin/env bash
# zen-engine 2.1.3 (Python 3.11): numbers are exact decimals inside and floats when they leave.
#
# 0.1 + 0.2 equals 0.3, and 9007199254740993 differs from 9007199254740992, as in no engine that uses floats. The answer then
# comes out as a float: the number of an order loses its last digit, an integer gets ".0", and 1/3 is not the float that Python
# has for 1/3 but the next one. Quote identifiers, and compare inside.
#
# Seen:
#   0.1 + 0.2 == 0.3: True
#   9007199254740993 == 9007199254740992: False
#   9007199254740993: 9007199254740992.0
#   5: 5.0
#   1 / 3: 0.33333333333333337
#   1 / 3 in Python: 0.3333333333333333
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check zen-engine==2.1.3

cat > "$folder/ask.py" <<'PYTHON'
import zen

for text in (
    "0.1 + 0.2 == 0.3",
    "9007199254740993 == 9007199254740992",
    "9007199254740993",
    "5",
    "1 / 3",
):
    print(f"{text}: {zen.evaluate_expression(text, {})}")
print(f"1 / 3 in Python: {1 / 3}")
PYTHON
seen=$("$folder/venv/bin/python" "$folder/ask.py")
echo "$seen"
test "$seen" = '0.1 + 0.2 == 0.3: True
9007199254740993 == 9007199254740992: False
9007199254740993: 9007199254740992.0
5: 5.0
1 / 3: 0.33333333333333337
1 / 3 in Python: 0.3333333333333333'
