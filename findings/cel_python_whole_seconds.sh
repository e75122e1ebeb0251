#!/usr/bin/env bash
# cel-python 0.5.0 (Python 3.11): a duration or moment becomes text without its fraction of a second.
#
# In CEL `string(duration("1.5s"))` is "1.5s". This package writes "1s", and "0s" for half a second. The value itself keeps its
# fraction: it still compares as 1.5 seconds. A reason or a key that is built from the text therefore names another duration than
# the one that was compared. A moment loses its fraction in the same way. `string(true)` is "True" where CEL has "true".
#
# Seen:
#   duration("1.5s") > duration("1s"): True
#   string(duration("1.5s")): 1s
#   string(duration("0.5s")): 0s
#   string(timestamp("2026-01-31T00:00:00.5Z")): 2026-01-31T00:00:00Z
#   string(true): True
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cel-python==0.5.0

cat > "$folder/ask.py" <<'PYTHON'
import celpy

environment = celpy.Environment()
for text in (
    'duration("1.5s") > duration("1s")',
    'string(duration("1.5s"))',
    'string(duration("0.5s"))',
    'string(timestamp("2026-01-31T00:00:00.5Z"))',
    "string(true)",
):
    print(f"{text}: {environment.program(environment.compile(text)).evaluate({})}")
PYTHON
seen=$("$folder/venv/bin/python" "$folder/ask.py")
echo "$seen"
test "$seen" = 'duration("1.5s") > duration("1s"): True
string(duration("1.5s")): 1s
string(duration("0.5s")): 0s
string(timestamp("2026-01-31T00:00:00.5Z")): 2026-01-31T00:00:00Z
string(true): True'
