#!/usr/bin/env bash
# price-parser 0.5.1 and money-parser 0.0.1 (Python 3.11): amounts of currencies with three decimals, and below zero.
#
# Both take three digits after the only separator for thousands, whatever stands before it and whichever currency is named. So the
# dinars of Kuwait and Tunisia and the rial of Oman grow a thousandfold: "0.125 KWD" is 125, although no number with groups begins
# with a zero, and "5,000.125 OMR" is five million, although its two separators differ. price-parser has an argument for the
# decimal separator, which mends it; money-parser has none. A refund of "-5 EUR" is 5 to price-parser, -5 to money-parser, and
# "-€5" is 5 to both.
#
# Seen (text: price-parser, the same with decimal_separator=".", money-parser):
#   0.125 KWD: 125, 0.125, 125
#   KWD 12.345: 12345, 12.345, 12345
#   5,000.125 OMR: 5000125, 5000.125, 5000125
#   12.50 EUR: 12.50, 12.50, 12.50
#   -5 EUR: 5, 5, -5
#   -€5: 5, 5, 5
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check price-parser==0.5.1 money-parser==0.0.1
cat >try.py <<'PYTHON'
from money_parser import price_str
from price_parser import Price

for text in ("0.125 KWD", "KWD 12.345", "5,000.125 OMR", "12.50 EUR", "-5 EUR", "-€5"):
    mended = Price.fromstring(text, decimal_separator=".")
    print(f"{text}: {Price.fromstring(text).amount}, {mended.amount}, {price_str(text)}")
PYTHON
venv/bin/python -X utf8 try.py | tee seen
diff seen - <<'SEEN'
0.125 KWD: 125, 0.125, 125
KWD 12.345: 12345, 12.345, 12345
5,000.125 OMR: 5000125, 5000.125, 5000125
12.50 EUR: 12.50, 12.50, 12.50
-5 EUR: 5, 5, -5
-€5: 5, 5, 5
SEEN
