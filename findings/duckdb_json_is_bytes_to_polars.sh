#!/usr/bin/env bash
# duckdb 2.0.1, polars 2.1.0, pyarrow 26.0.1 (Python 3.11): a JSON column that DuckDB writes as Parquet is text to DuckDB and
# pyarrow, and bytes to Polars.
#
# DuckDB marks the column with Parquet's own type JSON. pyarrow reads that as the extension `arrow.json` over strings; Polars
# does not know the mark and falls back to the physical type, so comparing the column with a text fails. The same values written
# as VARCHAR are text to all three. Cast JSON columns to VARCHAR before you write Parquet for others.
#
# Seen:
#   JSON: duckdb JSON, pyarrow extension<arrow.json>, polars Binary
#   VARCHAR: duckdb VARCHAR, pyarrow string, polars String
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1 polars==2.1.0 pyarrow==26.0.1

cd "$folder"
cat > ask.py <<'PYTHON'
import duckdb
import polars
import pyarrow.parquet

for kind in ("JSON", "VARCHAR"):
    duckdb.sql(f"""COPY (SELECT '{{"fee": 1}}'::{kind} AS answer) TO '{kind}.parquet'""")
    own = duckdb.sql(f"SELECT typeof(answer) FROM '{kind}.parquet'").fetchall()[0][0]
    arrow = pyarrow.parquet.read_table(f"{kind}.parquet").schema.field("answer").type
    print(f"{kind}: duckdb {own}, pyarrow {arrow}, polars {polars.read_parquet(f'{kind}.parquet')['answer'].dtype}")
PYTHON
venv/bin/python ask.py > seen
cat seen
diff - seen <<'SEEN'
JSON: duckdb JSON, pyarrow extension<arrow.json>, polars Binary
VARCHAR: duckdb VARCHAR, pyarrow string, polars String
SEEN
