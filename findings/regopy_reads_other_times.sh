#!/usr/bin/env bash
# regopy 1.5.2 (rego-cpp, Python 3.11): an RFC 3339 moment is undefined, and durations have units that OPA does not know.
#
# `time.parse_rfc3339_ns` of "2026-01-31T00:00:00Z" has no value and no error, so a rule that reads a moment never applies.
# `time.parse_ns` with a layout works. `time.parse_duration_ns` reads "1d" and "1w". OPA documents Go's durations here, whose
# longest unit is the hour, so a policy that was tried here may fail there. In `semver.compare` a release is older than its own
# candidate.
#
# Seen:
#   time.parse_rfc3339_ns("2026-01-31T00:00:00Z"): undefined
#   time.parse_ns("2006-01-02", "2026-01-31"): 1769817600000000000
#   time.parse_duration_ns("1d"): 86400000000000
#   semver.compare("1.0.0", "1.0.0-rc1"): -1
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check regopy==1.5.2

cat > "$folder/ask.py" <<'PYTHON'
from regopy import Interpreter

rego = Interpreter()
for text in (
    'time.parse_rfc3339_ns("2026-01-31T00:00:00Z")',
    'time.parse_ns("2006-01-02", "2026-01-31")',
    'time.parse_duration_ns("1d")',
    'semver.compare("1.0.0", "1.0.0-rc1")',
):
    answer = rego.query(text)
    undefined = str(answer) == "undefined"
    print(f"{text}: {answer if undefined else answer.results[0].expressions[0]}")
PYTHON
seen=$("$folder/venv/bin/python" "$folder/ask.py")
echo "$seen"
test "$seen" = 'time.parse_rfc3339_ns("2026-01-31T00:00:00Z"): undefined
time.parse_ns("2006-01-02", "2026-01-31"): 1769817600000000000
time.parse_duration_ns("1d"): 86400000000000
semver.compare("1.0.0", "1.0.0-rc1"): -1'
