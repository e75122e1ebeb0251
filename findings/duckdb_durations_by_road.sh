#!/usr/bin/env bash
# duckdb 2.0.1, pyarrow 26.0.1 (Python 3.11): DuckDB reads the same pyarrow column of durations as INTERVAL if it scans the
# table in memory, and as a bare whole number if pyarrow wrote the table as Parquet first.
#
# Parquet has no type for elapsed time. pyarrow writes the count as a 64-bit number and keeps the type and its unit in metadata
# of its own, from which pyarrow restores the duration; DuckDB does not read that metadata. So a query that was tried on a table
# in memory compares seconds, milliseconds or nanoseconds as plain numbers once it runs over files.
#
# Seen:
#   memory: INTERVAL 01:30:00
#   file: BIGINT 5400000
#   pyarrow: duration[ms]
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1 pyarrow==26.0.1

cd "$folder"
cat > ask.py <<'PYTHON'
import duckdb
import pyarrow
import pyarrow.parquet

rows = pyarrow.table({"late": pyarrow.array([5_400_000], pyarrow.duration("ms"))})
pyarrow.parquet.write_table(rows, "late.parquet")
print("memory:", *duckdb.sql("SELECT typeof(late), late::VARCHAR FROM rows").fetchall()[0])
print("file:", *duckdb.sql("SELECT typeof(late), late::VARCHAR FROM 'late.parquet'").fetchall()[0])
print("pyarrow:", pyarrow.parquet.read_table("late.parquet").schema.field("late").type)
PYTHON
venv/bin/python ask.py > seen
cat seen
diff - seen <<'SEEN'
memory: INTERVAL 01:30:00
file: BIGINT 5400000
pyarrow: duration[ms]
SEEN
