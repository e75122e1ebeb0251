#!/usr/bin/env bash
# business-rules 1.1.1 (Python 3.11): numbers are equal within a millionth, and choices are equal whatever their case.
#
# Comparisons of numbers allow for a millionth on either side, also where both are exact decimals: an amount just above a limit is
# not greater than it, and equals it. Texts have `equal_to` and `equal_to_case_insensitive`; a list of choices has only
# `contains` and its relatives, which ignore case although their names do not say so.
#
# Seen:
#   10.0000009 greater than 10: False
#   10.0000009 equal to 10: True
#   text "admin" equal to "Admin": False
#   choices ["Admin"] contain "admin": True
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check business-rules==1.1.1

cat > "$folder/compare.py" <<'PYTHON'
from decimal import Decimal

from business_rules.operators import NumericType, SelectType, StringType

number = NumericType(Decimal("10.0000009"))
print("10.0000009 greater than 10:", number.greater_than(10))
print("10.0000009 equal to 10:", number.equal_to(10))
print('text "admin" equal to "Admin":', StringType("admin").equal_to("Admin"))
print('choices ["Admin"] contain "admin":', SelectType(["Admin"]).contains("admin"))
PYTHON

seen=$("$folder/venv/bin/python" "$folder/compare.py")
echo "$seen"
[ "$seen" = '10.0000009 greater than 10: False
10.0000009 equal to 10: True
text "admin" equal to "Admin": False
choices ["Admin"] contain "admin": True' ]
