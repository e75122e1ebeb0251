#!/usr/bin/env bash
# zen-engine 2.1.3 (Python 3.11): a month is 30.44 days in `duration` and a calendar month in `add`.
#
# `duration("1M")` is a number of seconds, a twelfth of 365.28 days: added to a date it leads to a time of day that nobody wrote.
# `add` with the same text moves by the calendar, to the last day of a shorter month, so that one term of "1M" ends on two days.
# The two kinds of dates do not mix either: `date` gives seconds and `d` takes milliseconds, so `d(date(…))` is in January 1970.
#
# Seen:
#   duration("1M"): 2630016.0
#   (date("2026-01-31") + duration("1M") - date("2026-01-31")) / duration("1d"): 30.44
#   d("2026-01-31").add("1M").format("%Y-%m-%d"): 2026-02-28
#   d(date("2026-01-31")).format("%Y-%m-%d"): 1970-01-21
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check zen-engine==2.1.3

cat > "$folder/ask.py" <<'PYTHON'
import zen

for text in (
    'duration("1M")',
    '(date("2026-01-31") + duration("1M") - date("2026-01-31")) / duration("1d")',
    'd("2026-01-31").add("1M").format("%Y-%m-%d")',
    'd(date("2026-01-31")).format("%Y-%m-%d")',
):
    print(f"{text}: {zen.evaluate_expression(text, {})}")
PYTHON
seen=$("$folder/venv/bin/python" "$folder/ask.py")
echo "$seen"
test "$seen" = 'duration("1M"): 2630016.0
(date("2026-01-31") + duration("1M") - date("2026-01-31")) / duration("1d"): 30.44
d("2026-01-31").add("1M").format("%Y-%m-%d"): 2026-02-28
d(date("2026-01-31")).format("%Y-%m-%d"): 1970-01-21'
