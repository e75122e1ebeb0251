#!/usr/bin/env bash
# sqlglot 30.30.0 with DuckDB 2.0.1 and SQLite (Python 3.11): exact numbers become binary fractions after translation to SQLite.
#
# SQLite divides integers exactly with `/`, as DuckDB does with `//`. sqlglot nevertheless writes the division of a REAL and cuts
# its result, so whole numbers above 2^53 change, even when divided by 1. `DECIMAL(10, 2)` becomes `REAL(10, 2)`, so ten and
# twenty cents are not thirty. A cast that rounds in DuckDB cuts in SQLite.
#
# Seen (DuckDB, then SQLite):
#   9007199254740993 // 1: 9007199254740993 9007199254740992
#   CAST(0.1 AS DECIMAL(10, 2)) + CAST(0.2 AS DECIMAL(10, 2)) = CAST(0.3 AS DECIMAL(10, 2)): 1 0
#   CAST(2.5 AS INT): 3 2
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check sqlglot==30.30.0 duckdb==2.0.1

cat > "$folder/compute.py" <<'PYTHON'
import sqlite3

import duckdb
import sqlglot

EXPRESSIONS = [
    "9007199254740993 // 1",
    "CAST(0.1 AS DECIMAL(10, 2)) + CAST(0.2 AS DECIMAL(10, 2)) = CAST(0.3 AS DECIMAL(10, 2))",
    "CAST(2.5 AS INT)",
]
for expression in EXPRESSIONS:
    (translated,) = sqlglot.transpile(f"SELECT {expression}", read="duckdb", write="sqlite")
    (native,) = duckdb.connect().execute(f"SELECT {expression}").fetchone()
    (foreign,) = sqlite3.connect(":memory:").execute(translated).fetchone()
    print(f"{expression}: {int(native)} {foreign}")
PYTHON

seen=$("$folder/venv/bin/python" "$folder/compute.py")
echo "$seen"
[ "$seen" = "9007199254740993 // 1: 9007199254740993 9007199254740992
CAST(0.1 AS DECIMAL(10, 2)) + CAST(0.2 AS DECIMAL(10, 2)) = CAST(0.3 AS DECIMAL(10, 2)): 1 0
CAST(2.5 AS INT): 3 2" ]
