#!/usr/bin/env bash
# cel-python 0.5.0 (lark 1.3.1, Python 3.11): the word `in` needs no end, so `x inlist` is read as `x in list`.
#
# The grammar defines "in" as a plain string, and lark's contextual lexer tries an identifier only where one is allowed. After an
# operand none is, so the first two letters of any word that begins with `in` become the operator. A mistake such as a
# missing `&&` or a `not` from another language then means something else, or reports a name that nobody wrote.
# Users of the grammar must delimit the terminal: `in(?![A-Za-z0-9_])`.
#
# Seen:
#   x inlist: True
#   x in list: True
#   not injured: undeclared reference to 'jured'
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cel-python==0.5.0 lark==1.3.1

cat > "$folder/ask.py" <<'PYTHON'
import celpy

values = celpy.json_to_cel({"x": 2, "list": [1, 2], "not": True, "injured": False})
environment = celpy.Environment()
for text in ("x inlist", "x in list", "not injured"):
    try:
        print(f"{text}: {bool(environment.program(environment.compile(text)).evaluate(values))}")
    except celpy.CELParseError:
        print(f"{text}: syntax error")
    except celpy.CELEvalError as error:
        print(f"{text}: {str(error.args[0]).partition(' (')[0]}")
PYTHON
seen=$("$folder/venv/bin/python" "$folder/ask.py")
echo "$seen"
test "$seen" = "x inlist: True
x in list: True
not injured: undeclared reference to 'jured'"
