#!/usr/bin/env bash
# cvc5 1.4.2 beside z3-solver 5.4.1.0 (Python 3.11): a fraction beside an integer term loses its fraction.
#
# `cvc5.pythonic` offers the calls of z3's Python interface under the same names. In z3 an integer variable beside 2.5 becomes
# real, so `x == 2.5` cannot hold. In cvc5.pythonic 2.5 becomes the integer 2, with no error and no warning, so the same line is
# satisfied by x = 2. A second opinion that runs the first solver's script therefore answers another question.
# `ToReal(x) == RealVal("2.5")` means the same in both.
#
# Seen:
#   z3: x == 2.5 is unsat; x + 2.5 is ToReal(x) + 5/2; with ToReal: unsat
#   cvc5.pythonic: x == 2.5 is sat; x + 2.5 is x + 2; with ToReal: unsat
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check cvc5==1.4.2 z3-solver==5.4.1.0
cat >try.py <<'PYTHON'
import cvc5.pythonic
import z3

for name, smt in {"z3": z3, "cvc5.pythonic": cvc5.pythonic}.items():
    x = smt.Int("x")

    def answer(term):
        solver = smt.Solver()
        solver.add(term)
        return solver.check()

    exact = smt.ToReal(x) == smt.RealVal("2.5")
    print(f"{name}: x == 2.5 is {answer(x == 2.5)}; x + 2.5 is {x + 2.5}; with ToReal: {answer(exact)}")
PYTHON
venv/bin/python try.py | tee seen
diff seen - <<'SEEN'
z3: x == 2.5 is unsat; x + 2.5 is ToReal(x) + 5/2; with ToReal: unsat
cvc5.pythonic: x == 2.5 is sat; x + 2.5 is x + 2; with ToReal: unsat
SEEN
