#!/usr/bin/env bash
# DuckDB 2.0.1 calls a whole number in JSON a DOUBLE if it has no type for it, and keeps its digits all the same.
#
# `json_type` tells 18446744073709551615 (UBIGINT) from 1.5 (DOUBLE), but says DOUBLE of the next whole number too. So a query
# that takes a DOUBLE for a number with a point accepts whole numbers as well, and a cast rounds them without a word.
#
# Seen:
#   18446744073709551615  UBIGINT
#   18446744073709551616  DOUBLE   and as text still 18446744073709551616
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1
cat >"$folder/ask.py" <<'PYTHON'
import duckdb

with duckdb.connect() as connection:
    ask = "SELECT json_type(x), x::VARCHAR FROM (SELECT json_extract(?, '$.x') AS x)"
    seen = [connection.execute(ask, [f'{{"x": {n}}}']).fetchone() for n in (2**64 - 1, 2**64)]
print(seen)
assert seen == [("UBIGINT", "18446744073709551615"), ("DOUBLE", "18446744073709551616")], seen
PYTHON
"$folder/venv/bin/python" "$folder/ask.py"
