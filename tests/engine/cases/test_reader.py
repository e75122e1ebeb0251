"""The names that the rows of a case table get."""

from pathlib import Path

from engine.cases.reader import read_cases

TABLE = """\
policy: returns
at: 2026-03-01T12:00:00Z
table: {facts: [note], expect: [outcome, rule], rows: [%s]}
"""


def read(tmp_path: Path, *notes: str):
    path = tmp_path / "returns.yaml"
    path.write_text(TABLE % ", ".join(f"[{note}, allow, in-time]" for note in notes))
    return read_cases(path)


def test_short_values_are_the_name(tmp_path):
    cases, problems = read(tmp_path, "a", "b")
    assert ([c.name for c in cases], problems) == (["note=a", "note=b"], ())


def test_rows_that_differ_where_the_name_is_clipped_are_numbered(tmp_path):
    cases, problems = read(tmp_path, "a" * 50 + "b", "a" * 50 + "c")
    clipped = "note=" + "a" * 39 + "…"
    assert ([c.name for c in cases], problems) == ([f"{clipped} (row 1)", f"{clipped} (row 2)"], ())


def test_the_same_row_twice_is_a_mistake(tmp_path):
    cases, problems = read(tmp_path, "a", "a")
    assert ([c.name for c in cases], [p.code for p in problems]) == ([], ["duplicate-case"])
