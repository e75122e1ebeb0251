"""Where Spark answers differently from Comity: a column of the table in docs/batch.md, whose rows are those of
tests/engine/batch/test_differences.py."""

import json
from pathlib import Path

from tests.engine.batch.test_differences import DIFFERENCES
from tests.spark.running import run

ROOT = Path(__file__).parents[2]
RAISES = "raises"
SPRING = "TIMESTAMP '2026-03-28 12:00:00Z'"
"""The day before clocks change."""
ANSWERS: dict[str, list[tuple[str, object]]] = {
    "null equals null": [("NULL = NULL", None)],
    "some item of an empty list": [
        ("exists(CAST(array() AS ARRAY<INT>), x -> x = 1)", False),
        ("any(x = 1) FROM (SELECT explode(CAST(array() AS ARRAY<INT>)) AS x)", None),
    ],
    "every item of an empty list": [
        ("forall(CAST(array() AS ARRAY<INT>), x -> x = 1)", True),
        ("every(x = 1) FROM (SELECT explode(CAST(array() AS ARRAY<INT>)) AS x)", None),
    ],
    "not in a list with a null": [
        ("NOT (5 IN (1, NULL))", None),
        ("NOT array_contains(array(1, NULL), 5)", None),
    ],
    "a day across a change of clocks, in hours": [
        (f"(unix_micros({SPRING} + {span}) - unix_micros({SPRING})) div 3600000000", 23)
        for span in ("INTERVAL '1' DAY", "INTERVAL '24' HOUR")
    ],
    "a month is 30 days": [("INTERVAL '1' MONTH = INTERVAL '30' DAY", RAISES)],
    "a moment finer than a microsecond": [
        ("TIMESTAMP '2026-01-01 00:00:00.1235999Z' = TIMESTAMP '2026-01-01 00:00:00.123599Z'", True)
    ],
    "NaN equals itself": [("DOUBLE('NaN') = DOUBLE('NaN')", True)],
    "NaN is above every number": [("DOUBLE('NaN') > 1e300", True)],
    "0.1 + 0.2 is 0.3": [("0.1 + 0.2 = 0.3", True)],
    "the largest whole number, plus one": [("9223372036854775807 + 1", RAISES)],
    "a whole number equals a double": [("9007199254740993 = DOUBLE(9007199254740992)", True)],
    "a text equals a number": [("1 = '01'", True)],
    "a text that reads as a number": [("INT('1_000')", RAISES), ("INT('\\t1 ')", 1)],
    "white space that trim removes": [("length(trim('\u00a0x\\t'))", 3)],
    "lower case beyond ASCII": [("lower('\u00c9A')", "\u00e9a")],
    r"\w matches a letter beyond ASCII": [(r"'é' RLIKE '^\\w$'", False)],
    "a dot matches a line end": [(r"'a\nb' RLIKE 'a.b'", False)],
    "size of a text with a null character": [("length(concat('a', decode(X'00', 'UTF-8'), 'b'))", 3)],
    "2.5 to a whole number": [("INT(2.5)", 2), ("INT(DOUBLE(2.5))", 2)],
    "-7 divided by 2": [("-7 div 2", -3), ("DOUBLE(-7 / 2)", -3.5)],
    "division by zero": [("1 / 0", RAISES), ("1 div 0", RAISES)],
    "the sum of nothing": [("sum(x) FROM (SELECT explode(CAST(array() AS ARRAY<INT>)) AS x)", None)],
    "the type of a sum": [("typeof(sum(x)) FROM (SELECT explode(array(1L, 2L)) AS x)", "bigint")],
    "the smaller of a number and null": [("least(NULL, 2)", 2)],
    "equality of lists with a null": [("array(1, NULL) = array(1, NULL)", True)],
    "JSON of another type than declared": [
        ("""from_json('{"x": 1, "y": "a"}', 'x STRING, y BIGINT')""", {"x": "1", "y": None})
    ],
}


def test_differences(tmp_path: Path) -> None:
    assert ANSWERS.keys() == DIFFERENCES.keys()
    asked = {name: [sql for sql, _ in questions] for name, questions in ANSWERS.items()}
    (tmp_path / "questions.json").write_text(json.dumps(asked))
    run(ROOT / "tests" / "spark" / "asking.py", tmp_path, "Europe/Berlin", cwd=tmp_path)
    answers = json.loads((tmp_path / "answers.json").read_text())
    assert answers == {name: [answer for _, answer in questions] for name, questions in ANSWERS.items()}
