#!/usr/bin/env bash
# z3-solver 5.4.1.0 (Python 3.11): a floating-point literal belongs to the main context, whatever context its sort has.
#
# Constants take their context from the sort that they are given, so we expected `FPVal(1.5, Float64(context))` to do the same.
# It does not: without `ctx=` it is made in the main context. Programs that give each question a context of its own get
# "context mismatch" only where such a literal meets a variable, so rarely in tests. Most functions for doubles take `ctx=` too.
#
# Seen:
#   variable: its own
#   literal: the main one
#   literal with ctx=: its own
#   variable < literal: context mismatch
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check z3-solver==5.4.1.0

cat > "$folder/literal.py" <<'PYTHON'
import z3

context = z3.Context()
double = z3.Float64(context)


def owner(term):
    return "its own" if term.ctx is context else "the main one" if term.ctx is z3.main_ctx() else "another"


variable, literal = z3.Const("score", double), z3.FPVal(1.5, double)
print("variable:", owner(variable))
print("literal:", owner(literal))
print("literal with ctx=:", owner(z3.FPVal(1.5, double, ctx=context)))
try:
    variable < literal
except z3.Z3Exception as error:
    print("variable < literal:", error)
PYTHON

seen=$("$folder/venv/bin/python" "$folder/literal.py")
echo "$seen"
[ "$seen" = "variable: its own
literal: the main one
literal with ctx=: its own
variable < literal: context mismatch" ]
