#!/usr/bin/env bash
# cel-python 0.5.0, common-expression-language 0.10.0, cel-expr-python 0.1.3 (Python 3.11): `getMilliseconds` of a duration.
#
# The other getters of a duration convert all of it: 90.5 seconds have `getSeconds()` 90 and `getMinutes()` 1 in all three. So
# one expects 90500 milliseconds, and two of them say so. CEL in C++, which follows the conformance tests, says 500: only the
# part below a second. Write `getSeconds()` and avoid this one where an expression must mean the same everywhere.
#
# Seen:
#   getMinutes: cel-python 1, Rust 1, C++ 1
#   getSeconds: cel-python 90, Rust 90, C++ 90
#   getMilliseconds: cel-python 90500, Rust 90500, C++ 500
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cel-python==0.5.0 common-expression-language==0.10.0 cel-expr-python==0.1.3

cat > "$folder/ask.py" <<'PYTHON'
import cel
import celpy
from cel_expr_python import cel as cel_cpp

python, cpp = celpy.Environment(), cel_cpp.NewEnv()
for getter in ("getMinutes", "getSeconds", "getMilliseconds"):
    text = f'duration("90.5s").{getter}()'
    answers = (
        int(python.program(python.compile(text)).evaluate({})),
        cel.evaluate(text, {}),
        cpp.compile(text).eval(data={}).value(),
    )
    print(f"{getter}: cel-python {answers[0]}, Rust {answers[1]}, C++ {answers[2]}")
PYTHON
seen=$("$folder/venv/bin/python" "$folder/ask.py")
echo "$seen"
test "$seen" = 'getMinutes: cel-python 1, Rust 1, C++ 1
getSeconds: cel-python 90, Rust 90, C++ 90
getMilliseconds: cel-python 90500, Rust 90500, C++ 500'
