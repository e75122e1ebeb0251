#!/usr/bin/env bash
# rule-engine 5.1.0 (Python 3.11): `//` and `%` of negative numbers answer otherwise than Python's.
#
# The rule language reads like Python and names `//` floor division, but every number becomes a `decimal.Decimal`, whose `//` cuts
# towards zero and whose `%` takes the sign of the dividend. So a rule about a remainder, such as whether a balance is a whole
# number of euros, needs care where a number may be negative. Results have 28 digits: a cent is lost beside 10^30.
#
# Seen (rule, then Python with whole numbers):
#   -7 // 2: -3 -4
#   -7 % 2: -1 1
#   10 ** 30 + 1 == 10 ** 30: True False
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check rule-engine==5.1.0

cat > "$folder/divide.py" <<'PYTHON'
import rule_engine

for text, python in [
    ("-7 // 2", -7 // 2),
    ("-7 % 2", -7 % 2),
    ("10 ** 30 + 1 == 10 ** 30", 10**30 + 1 == 10**30),
]:
    print(f"{text}: {rule_engine.Rule(text).evaluate({})} {python}")
PYTHON

seen=$("$folder/venv/bin/python" "$folder/divide.py")
echo "$seen"
[ "$seen" = "-7 // 2: -3 -4
-7 % 2: -1 1
10 ** 30 + 1 == 10 ** 30: True False" ]
