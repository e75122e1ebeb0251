#!/usr/bin/env bash
# DuckDB 2.0.1 reads the moments of a Parquet file with or without their zone, depending on how the file stores them.
#
# Spark writes moments as INT96 by default, pyarrow 26.0.1 if it is asked to. They are moments in UTC, but the type cannot say so.
# DuckDB gives such a column the type TIMESTAMP, and a column of microseconds TIMESTAMP WITH TIME ZONE. So the same table compares
# with `now()` in the session's zone after one writer, and correctly after another. No warning is given.
#
# Seen:
#   INT96  TIMESTAMP                 earlier than the moment it was written from: True
#   INT64  TIMESTAMP WITH TIME ZONE  earlier than the moment it was written from: False
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1 pyarrow==26.0.1
cat >"$folder/ask.py" <<'PYTHON'
import sys
from datetime import datetime, timezone

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

moment = pa.array([datetime(2026, 1, 1, tzinfo=timezone.utc)], pa.timestamp("us", "UTC"))
file, seen = f"{sys.argv[1]}/moments.parquet", []
for stored in ("INT96", "INT64"):
    pq.write_table(pa.table({"moment": moment}), file, use_deprecated_int96_timestamps=stored == "INT96")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Europe/Berlin'")
        asked = f"SELECT typeof(moment), moment < TIMESTAMPTZ '2026-01-01 00:00:00+00' FROM '{file}'"
        seen.append((stored, *connection.execute(asked).fetchone()))
print(seen)
assert seen == [("INT96", "TIMESTAMP", True), ("INT64", "TIMESTAMP WITH TIME ZONE", False)], seen
PYTHON
"$folder/venv/bin/python" "$folder/ask.py" "$folder"
