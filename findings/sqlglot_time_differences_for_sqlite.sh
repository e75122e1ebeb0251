#!/usr/bin/env bash
# sqlglot 30.30.0 with DuckDB 2.0.1 and SQLite (Python 3.11): `date_diff` means something else after translation to SQLite.
#
# DuckDB counts the boundaries between two moments: 23:00 and 01:00 are a day apart. sqlglot writes the difference of two Julian
# days, times the number of units in a day, cut to a whole number. So elapsed time is counted instead of boundaries, a month is
# thirty days, and as a Julian day is a binary fraction, moments exactly one second or one minute apart come to 0. No unit raises
# an error or a warning.
#
# Seen (DuckDB, then SQLite):
#   day 2026-01-01 23:00:00 2026-01-02 01:00:00: 1 0
#   month 2026-01-01 00:00:00 2026-12-31 00:00:00: 11 12
#   minute 2026-01-01 10:00:00 2026-01-01 10:01:00: 1 0
#   second 2026-01-01 10:00:00 2026-01-01 10:00:01: 1 0
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check sqlglot==30.30.0 duckdb==2.0.1

cat > "$folder/differ.py" <<'PYTHON'
import sqlite3

import duckdb
import sqlglot

PAIRS = [
    ("day", "2026-01-01 23:00:00", "2026-01-02 01:00:00"),
    ("month", "2026-01-01 00:00:00", "2026-12-31 00:00:00"),
    ("minute", "2026-01-01 10:00:00", "2026-01-01 10:01:00"),
    ("second", "2026-01-01 10:00:00", "2026-01-01 10:00:01"),
]
for unit, begin, end in PAIRS:
    query = f"SELECT date_diff('{unit}', TIMESTAMP '{begin}', TIMESTAMP '{end}')"
    (translated,) = sqlglot.transpile(query, read="duckdb", write="sqlite")
    (native,) = duckdb.connect().execute(query).fetchone()
    (foreign,) = sqlite3.connect(":memory:").execute(translated).fetchone()
    print(f"{unit} {begin} {end}: {native} {foreign}")
PYTHON

seen=$("$folder/venv/bin/python" "$folder/differ.py")
echo "$seen"
[ "$seen" = "day 2026-01-01 23:00:00 2026-01-02 01:00:00: 1 0
month 2026-01-01 00:00:00 2026-12-31 00:00:00: 11 12
minute 2026-01-01 10:00:00 2026-01-01 10:01:00: 1 0
second 2026-01-01 10:00:00 2026-01-01 10:00:01: 1 0" ]
