#!/usr/bin/env bash
# common-expression-language 0.10.0 (CEL in Rust, Python 3.11): a negative duration becomes another one in text.
#
# `string` writes a duration of less than zero as one of about 584 years less: its sign is lost before the digits are made. Sums
# and comparisons of the same value are right, so nothing shows it but a message. A difference of moments is negative as soon as
# a deadline is in the future. A part may also have a sign of its own, so "1h-30m" is half an hour; CEL refuses that text.
#
# Seen:
#   duration("-30m") + duration("1h") == duration("30m"): True
#   string(duration("30m")): 30m0s
#   string(duration("-30m")): -5124095h4m33.709551616s
#   string(timestamp("2026-01-31T00:00:00Z") - timestamp("2026-01-31T00:30:00Z")): -5124095h4m33.709551616s
#   duration("1h-30m") == duration("30m"): True
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check common-expression-language==0.10.0

cat > "$folder/ask.py" <<'PYTHON'
import cel

for text in (
    'duration("-30m") + duration("1h") == duration("30m")',
    'string(duration("30m"))',
    'string(duration("-30m"))',
    'string(timestamp("2026-01-31T00:00:00Z") - timestamp("2026-01-31T00:30:00Z"))',
    'duration("1h-30m") == duration("30m")',
):
    print(f"{text}: {cel.evaluate(text, {})}")
PYTHON
seen=$("$folder/venv/bin/python" "$folder/ask.py")
echo "$seen"
test "$seen" = 'duration("-30m") + duration("1h") == duration("30m"): True
string(duration("30m")): 30m0s
string(duration("-30m")): -5124095h4m33.709551616s
string(timestamp("2026-01-31T00:00:00Z") - timestamp("2026-01-31T00:30:00Z")): -5124095h4m33.709551616s
duration("1h-30m") == duration("30m"): True'
