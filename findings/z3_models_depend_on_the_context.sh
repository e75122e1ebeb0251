#!/usr/bin/env bash
# z3-solver 5.4.1.0 (Python 3.11): a new solver gives another model for the same question when its context was used before.
#
# We expected a new `Solver` to begin from nothing, so that the same question has the same answer. But terms are numbered by their
# context, and the search depends on these numbers. So a counterexample in a report differs from run to run if anything else was
# asked before, in the main context too, which is the default. One context a question gives the same model each time.
#
# Seen:
#   new contexts: 5 91 | 5 91
#   one context: 5 91 | 32 91
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check z3-solver==5.4.1.0

cat > "$folder/ask.py" <<'PYTHON'
import z3


def ask(context):
    amount, limit = z3.Ints("amount limit", context)
    solver = z3.Solver(ctx=context)
    solver.add(amount > 0, limit > 0, amount * 3 < limit + 7, amount + limit > 10)
    solver.add(z3.Or(amount > 4, limit < 3, limit > 90))
    assert solver.check() == z3.sat
    model = solver.model()
    return f"{model[amount]} {model[limit]}"


print("new contexts:", " | ".join(ask(z3.Context()) for _ in range(2)))
one = z3.Context()
print("one context:", " | ".join(ask(one) for _ in range(2)))
PYTHON

seen=$("$folder/venv/bin/python" "$folder/ask.py")
echo "$seen"
[ "$seen" = "new contexts: 5 91 | 5 91
one context: 5 91 | 32 91" ]
