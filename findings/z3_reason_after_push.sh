#!/bin/bash
# z3-solver 5.4.1.0 (the newest in November 2026), Python 3.11.
#
# We expected `reason_unknown()` to tell a time-out from a spent `rlimit`: "timeout" for the one, "max. resource limit exceeded"
# or similar for the other.
#
# Seen:
#   time-out                          timeout
#   rlimit                            canceled
#   time-out, after push()            canceled
#   rlimit, after push()              canceled
# One push() makes the solver incremental, and from then on both limits have the same reason, so that a program that sets both
# cannot say which one was reached. Without push() only the time-out is named.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check z3-solver==5.4.1.0
"$work/venv/bin/python" - <<'PYTHON'
import z3


def reason(limit, number, push):
    solver = z3.Solver()
    a, b, c = z3.Ints("a b c")
    solver.add(a > 2, b > 2, c > 2, a**3 + b**3 == c**3)
    if push:
        solver.push()
    solver.set(limit, number)
    assert solver.check() == z3.unknown
    return solver.reason_unknown()


seen = {(limit, push): reason(limit, number, push) for limit, number in (("timeout", 50), ("rlimit", 20_000)) for push in (False, True)}
for (limit, push), why in seen.items():
    print(f"{limit:8} {'after push' if push else '':12} {why}")
assert seen == {
    ("timeout", False): "timeout",
    ("timeout", True): "canceled",
    ("rlimit", False): "canceled",
    ("rlimit", True): "canceled",
}
PYTHON
