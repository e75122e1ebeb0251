#!/usr/bin/env bash
# In DuckDB 2.0.1, `max_line_size` of `read_csv` decides how much memory reading takes, although no line is long.
#
# The option only says which lines are refused. But unless `buffer_size` is given too, each buffer has sixteen times that size:
# with lines of up to 16 MB, a file of short lines needs 256 MB at once, or as much as the file has. With a limit of memory, a
# large file then fails and a small one passes. A `buffer_size` of two lines is enough.
#
# Seen, of lines with 97 characters and a limit of 60 MB:
#   max_line_size=4000000                       OutOfMemoryException
#   max_line_size=4000000, buffer_size=8000000  700000 rows
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1
cat >"$folder/ask.py" <<'PYTHON'
import sys

import duckdb

file, seen = f"{sys.argv[1]}/lines.csv", []
with open(file, "w") as lines:
    lines.writelines(f"{number:06},{'x' * 90}\n" for number in range(700_000))
for options in ("max_line_size=4000000", "max_line_size=4000000, buffer_size=8000000"):
    columns = "header=false, auto_detect=false, columns={'a': 'INT', 'b': 'VARCHAR'}"
    with duckdb.connect(config={"memory_limit": "60MB", "threads": 1}) as connection:
        try:
            (answer,) = connection.execute(f"SELECT count(*) FROM read_csv('{file}', {columns}, {options})").fetchone()
        except duckdb.Error as error:
            answer = type(error).__name__
    seen.append(answer)
print(seen)
assert seen == ["OutOfMemoryException", 700_000], seen
PYTHON
"$folder/venv/bin/python" "$folder/ask.py" "$folder"
