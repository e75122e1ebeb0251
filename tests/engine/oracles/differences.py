"""Differences between an oracle's CEL and ours, each with a workaround: an equivalent text, or no comparison.

A test demonstrates each of these, and fails when a new release of the oracle removes it.
"""

from dataclasses import dataclass
from typing import Any

from tests.engine.oracles.cel_cpp import CEL_CPP
from tests.engine.oracles.cel_python import CEL_PYTHON
from tests.engine.oracles.cel_rust import CEL_RUST
from tests.engine.oracles.oracle import Oracle

FAILS = "an error"


@dataclass(frozen=True)
class Difference:
    """`condition` has the value `ours` here and `theirs` in the oracle, if the facts in `declared` have the `values`."""

    name: str
    oracle: Oracle
    why: str
    left_out: bool
    condition: str
    declared: dict[str, Any]
    values: dict[str, Any]
    ours: bool
    theirs: bool | str


TEXT, SPAN, MOMENT = {"a": "string"}, {"a": "duration"}, {"a": "timestamp"}
AT = "2026-03-01T12:00:00Z"
DIFFERENCES = (
    Difference(
        "size-of-text", CEL_RUST, "counts bytes of UTF-8; CEL counts code points, as we do", False,
        "size(a) == 1", TEXT, {"a": "é"}, True, False,
    ),
    Difference(
        "duration-plus-timestamp", CEL_RUST, "adds a duration to a timestamp, but no timestamp to a duration", False,
        "days(1) + a > a", MOMENT, {"a": AT}, True, FAILS,
    ),
    Difference(
        "minus-duration", CEL_RUST, "has no minus in front of a duration; the CEL specification neither, so that is ours", False,
        "-a < a", SPAN, {"a": "1d"}, True, FAILS,
    ),
    Difference(
        "minus-duration", CEL_CPP, "has no minus in front of a duration, the CEL specification neither, so that is ours", False,
        "-a < a", SPAN, {"a": "1d"}, True, FAILS,
    ),
    Difference(
        "unicode-classes", CEL_RUST, r"`\d`, `\s`, `\w` and `\b` of its patterns know Unicode; those of RE2 know ASCII", True,
        r'a.matches(r"\d")', TEXT, {"a": "\u0663"}, False, True,
    ),
    Difference(
        "null-and-number", CEL_PYTHON, "compares no number and no list with null", False,
        "a == null", {"a": "int?"}, {"a": 1}, False, FAILS,
    ),
    Difference(
        "in-list-with-null", CEL_PYTHON, "compares no number with null, in lists neither", True,
        "2 in a", {"a": {"list": "int?"}}, {"a": [None, 1]}, False, FAILS,
    ),
    Difference(
        "small-letters-in-timestamps", CEL_PYTHON, "reads `T` and `Z` of a timestamp in capitals only", True,
        'a == timestamp("2026-03-01t12:00:00z")', MOMENT, {"a": AT}, True, FAILS,
    ),
    Difference(
        "eager-null", CEL_PYTHON,
        "evaluates both sides of `&&` and `||`, and an error of the one that does not count is lost only outside of "
        "`filter`, `map` and `exists_one`, and not where the list itself is null", True,
        "a != null && [1].exists_one(x, x < a)", {"a": "int?"}, {"a": None}, False, FAILS,
    ),
    Difference(
        "eager-null", CEL_PYTHON, "the same where the list itself is null", True,
        "a == null || a.exists(x, x)", {"a": {"list": "bool", "optional": True}}, {"a": None}, True, FAILS,
    ),
)  # fmt: skip


def differing(oracle: Oracle, *, left_out: bool) -> frozenset[str]:
    return frozenset(d.name for d in DIFFERENCES if d.oracle is oracle and d.left_out is left_out)
