#!/usr/bin/env bash
# Seven parsers of short durations, on Python 3.11: pytimeparse 1.1.10, pytimeparse2 1.7.1, humanfriendly 10.0, durationpy 0.11,
# durations-nlp 1.0.1, timelength 3.0.4 and tempora 5.13.0.
#
# A year has 364, 365, 365.24 or 366 days: seven years of keeping records end 14 days apart. "1M" is a minute to four of them and
# a month of 30.5 days to two. The minus of "-1d" is dropped by timelength and tempora, that of "1d -2h" by durationpy as well,
# which reads "-1d" right. Three take "24:00" for 24 minutes, one for a day. What is not understood is not always refused:
# durations-nlp reads "90" and "24:00" as nothing at all, it and tempora an empty text, and timelength takes "1 quarter" for a
# quarter of a second, and says that it succeeded. With a comma, tempora reads "1,5d" as five days and one second.
#
# Seen, in seconds ("-" where the parser refuses):
#   text           pytimeparse  pytimeparse2  humanfriendly  durationpy  durations-nlp  timelength      tempora
#   1M                      60            60             60           -        2635200     2635200           60
#   1y                       -      31536000       31449600    31536000       31622400    31536000            -
#   7 years                  -     220752000      220147200           -      221356800   220752000    220898580
#   -1d                 -86400        -86400              -      -86400         -86400       86400        86400
#   1d -2h                   -             -              -       93600          79200       93600        93600
#   24:00                 1440          1440              -           -              0        1440        86400
#   90                       -            90             90           -              0          90           90
#   1 quarter                -             -              -           -              -        0.25            -
#   1,5d                     -             -              -           -              -           -       432001
#   (nothing)                -             -              -           -              0           -            0
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pytimeparse==1.1.10 pytimeparse2==1.7.1 humanfriendly==10.0 \
    durationpy==0.11 durations-nlp==1.0.1 timelength==3.0.4 tempora==5.13.0
cat >try.py <<'PYTHON'
import durationpy
import humanfriendly
import pytimeparse
import pytimeparse2
import tempora
from durations_nlp import Duration
from timelength import TimeLength


def timelength(text):
    read = TimeLength(text).result
    return read.seconds if read.success else None


PARSERS = (
    pytimeparse.parse,
    pytimeparse2.parse,
    humanfriendly.parse_timespan,
    lambda text: durationpy.from_str(text).total_seconds(),
    lambda text: Duration(text).to_seconds(),
    timelength,
    lambda text: tempora.parse_timedelta(text).total_seconds(),
)


def read(parse, text):
    try:
        seconds = parse(text)
    except Exception:
        return "-"
    return "-" if seconds is None else f"{seconds:.10g}"


for text in ("1M", "1y", "7 years", "-1d", "1d -2h", "24:00", "90", "1 quarter", "1,5d", ""):
    print(text or "(nothing)", *(read(parse, text) for parse in PARSERS), sep="|")
PYTHON
venv/bin/python -W ignore try.py >seen
cat >expected <<'TEXT'
1M|60|60|60|-|2635200|2635200|60
1y|-|31536000|31449600|31536000|31622400|31536000|-
7 years|-|220752000|220147200|-|221356800|220752000|220898580
-1d|-86400|-86400|-|-86400|-86400|86400|86400
1d -2h|-|-|-|93600|79200|93600|93600
24:00|1440|1440|-|-|0|1440|86400
90|-|90|90|-|0|90|90
1 quarter|-|-|-|-|-|0.25|-
1,5d|-|-|-|-|-|-|432001
(nothing)|-|-|-|-|0|-|0
TEXT
diff expected seen
cat seen
