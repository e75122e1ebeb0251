#!/usr/bin/env bash
# krippendorff 0.9.0 (Python 3.11): what alpha is when everybody always agrees depends on the other rows.
#
# People who gave every text the same label agree fully. The package raises ValueError for that, returns NaN with a warning once
# the second label is named in `value_domain` or stands in a text that one person judged, and returns 1.0 only if both labels
# occur in texts that two people judged. So a growing set goes from an error to NaN to a number, while nobody ever disagreed.
#
# Seen:
#   one label: ValueError
#   one label, two in the domain: nan
#   the second label once, by one person: nan
#   both labels, by both people: 1.0
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check krippendorff==0.9.0 numpy==2.4.2

cat > "$folder/agree.py" <<'PYTHON'
import warnings

import krippendorff
from numpy import nan

warnings.simplefilter("ignore")


def alpha(rows, **options):
    try:
        return float(krippendorff.alpha(reliability_data=rows, level_of_measurement="nominal", **options))
    except ValueError:
        return "ValueError"


print("one label:", alpha([[1, 1, 1], [1, 1, 1]]))
print("one label, two in the domain:", alpha([[1, 1, 1], [1, 1, 1]], value_domain=[0, 1]))
print("the second label once, by one person:", alpha([[1, 1, 0], [1, 1, nan]]))
print("both labels, by both people:", alpha([[1, 1, 0], [1, 1, 0]]))
PYTHON

seen=$("$folder/venv/bin/python" "$folder/agree.py")
echo "$seen"
[ "$seen" = "one label: ValueError
one label, two in the domain: nan
the second label once, by one person: nan
both labels, by both people: 1.0" ]
