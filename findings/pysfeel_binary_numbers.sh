#!/usr/bin/env bash
# pySFeel 1.4.2 (sly 0.5, Python 3.11): FEEL's decimals are floats, and a text that is no FEEL is the value None.
#
# FEEL, the language of DMN tables, has decimal numbers of 34 digits, so 0.1 + 0.2 is 0.3. Here it is not, and two order numbers
# of 16 digits are equal. pyDMNrules decides its tables with this package. What cannot be parsed is not raised: the answer is the
# null of FEEL, and only the first half of the returned pair, a dict, has `errors`. Look there first.
#
# Seen:
#   0.1 + 0.2 = 0.3: False, errors: False
#   9007199254740993 = 9007199254740992: True, errors: False
#   1 +: None, errors: True
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pySFeel==1.4.2

cat > "$folder/ask.py" <<'PYTHON'
import pySFeel

parser = pySFeel.SFeelParser()
for text in ("0.1 + 0.2 = 0.3", "9007199254740993 = 9007199254740992", "1 +"):
    status, value = parser.sFeelParse(text)
    print(f"{text}: {value}, errors: {'errors' in status}")
PYTHON
seen=$("$folder/venv/bin/python" "$folder/ask.py")
echo "$seen"
test "$seen" = '0.1 + 0.2 = 0.3: False, errors: False
9007199254740993 = 9007199254740992: True, errors: False
1 +: None, errors: True'
