#!/usr/bin/env bash
# z3-solver 5.4.1.0 beside cvc5 1.4.2 (Python 3.11): `StringVal` reads escapes in a text that is already a text.
#
# `z3.StringVal` takes a Python string, yet it reads `\u0041` or `\u{41}` in it as one character, as if it were SMT-LIB source.
# So a text with a backslash, such as a pattern or a folder of Windows, is another text to the solver: its length differs, and
# it equals a text that it does not equal in Python. The way back is not its mirror: `as_string()` of a character
# above U+FFFF gives the escape, in nine or so characters. cvc5.pythonic keeps both as they are.
# To be exact in z3, write each backslash as `\u{5c}`, and decode what `as_string()` gives.
#
# Seen:
#   z3: length 1, equal to A: True; back from U+1D11E: 9 characters; backslash as \u{5c}: length 6
#   cvc5.pythonic: length 6, equal to A: False; back from U+1D11E: 1 characters
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check cvc5==1.4.2 z3-solver==5.4.1.0
cat >try.py <<'PYTHON'
import cvc5.pythonic
import z3

text = r"\u0041"
for name, smt in {"z3": z3, "cvc5.pythonic": cvc5.pythonic}.items():
    value = smt.StringVal(text)
    same = bool(smt.simplify(value == smt.StringVal("A")))
    back = smt.StringVal("\U0001d11e").as_string()
    line = f"{name}: length {smt.simplify(smt.Length(value))}, equal to A: {same}; back from U+1D11E: {len(back)} characters"
    if smt is z3:
        line += "; backslash as \\u{5c}: length " + str(z3.simplify(z3.Length(z3.StringVal(text.replace("\\", "\\u{5c}")))))
    print(line)
PYTHON
venv/bin/python try.py | tee seen
diff seen - <<'SEEN'
z3: length 1, equal to A: True; back from U+1D11E: 9 characters; backslash as \u{5c}: length 6
cvc5.pythonic: length 6, equal to A: False; back from U+1D11E: 1 characters
SEEN
