"""The contents of case files, and which cases remain after a mistake."""

from pathlib import Path

import pytest

from engine.cases.reader import case_files, read_cases

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
    assert ([c.name for c in cases], [p.code for p in problems]) == (["note=a"], ["duplicate-case"])


def test_row_may_have_a_name_tags_and_a_reason_to_skip_it(tmp_path):
    row = "{name: the dear one, tags: [dear], skip: not yet, values: [a, allow, in-time]}"
    path = tmp_path / "returns.yaml"
    path.write_text(TABLE % row)
    [case], problems = read_cases(path)
    assert (case.name, case.tags, case.skip, case.facts, problems) == (
        "the dear one",
        {"dear"},
        "not yet",
        {"note": "a"},
        (),
    )


def test_values_of_a_row_are_named_in_the_words_of_yaml(tmp_path):
    cases, _ = read(tmp_path, "null", "true", "[1, {a: null}]", '"1"')
    assert [c.name for c in cases] == ["note=null", "note=true", "note=[1, {a: null}]", 'note="1"']


HEAD = "policy: returns\nat: 2026-03-01T12:00:00Z\n"
GOOD = "  - {name: good, expect: {outcome: allow, rule: in-time}}\n"


@pytest.mark.parametrize(
    ("text", "kept", "code"),
    [
        ("cases:\n  - {name: bad, expects: {}}\n" + GOOD, ["good"], "unknown-key"),
        ("cases:\n  - {name: bad, facts: {paid: yes}, expect: {outcome: a, rule: b}}\n" + GOOD, ["good"], "ambiguous-boolean"),
        ("cases:\n  - {name: bad, at: today, expect: {outcome: a, rule: b}}\n" + GOOD, ["good"], "bad-timestamp"),
        ("cases:\n  - just a text\n" + GOOD, ["good"], "not-a-mapping"),
        ("cases:\n" + GOOD + "table: {facts: [a], expect: [outcome, rule], rows: [[1, b], [2, b, c]]}\n",
         ["good", "a=2"], "bad-row"),
        ("cases:\n" + GOOD + "table: {facts: [a], expect: [outcome], rows: [[1, b]]}\n", ["good"], "missing-key"),
        ("cases:\n" + GOOD + "given: {Paid: 1}\n", [], "bad-name"),
        ("cases:\n" + GOOD + "tag: [a]\n", [], "unknown-key"),
        ("cases:\n" + GOOD + "---\npolicy: other\n", ["good"], "missing-key"),
        ("cases:\n" + GOOD + "  - {name: [}\n", [], "yaml-syntax"),
    ],
)  # fmt: skip
def test_mistake_spoils_only_what_it_may_be_about(tmp_path, text, kept, code):
    path = tmp_path / "returns.yaml"
    path.write_text(HEAD + text)
    cases, problems = read_cases(path)
    assert ([c.name for c in cases], code in {p.code for p in problems}) == (kept, True)


def test_fixtures_are_shared_within_a_file_and_a_folder(tmp_path):
    (tmp_path / "fixtures.yaml").write_text(
        "fixtures: {ordinary: {paid: true, amount: 1}, dear: {amount: 5}}\n"
    )
    path = tmp_path / "returns.yaml"
    path.write_text(
        HEAD + "fixtures: {late: {days: 40}}\nuse: [ordinary]\ngiven: {days: 1}\ncases:\n"
        "  - {name: a, expect: {outcome: b, rule: c}}\n"
        "  - {name: b, use: [dear, late], facts: {paid: false}, expect: {outcome: b, rule: c}}\n"
    )
    cases, problems = read_cases(path)
    assert ([c.facts for c in cases], problems) == (
        [{"paid": True, "amount": 1, "days": 1}, {"paid": False, "amount": 5, "days": 40}],
        (),
    )
    assert case_files([tmp_path]) == [path]


def test_unknown_fixture_is_a_mistake(tmp_path):
    path = tmp_path / "returns.yaml"
    path.write_text(HEAD + "fixtures: {late: {days: 40}}\nuse: [latee]\ncases:\n" + GOOD)
    cases, [problem] = read_cases(path)
    assert (cases, problem.code, problem.hint) == ([], "unknown-name", "did you mean `late`?")


def test_mistake_in_the_fixtures_of_a_folder_is_reported_in_place(tmp_path):
    (tmp_path / "fixtures.yaml").write_text("fixtures: {ordinary: {paid: yes}}\n")
    path = tmp_path / "returns.yaml"
    path.write_text(HEAD + "use: [ordinary]\ncases:\n" + GOOD)
    cases, problems = read_cases(path)
    assert cases == []
    assert (problems[0].file, problems[0].code) == (str(tmp_path / "fixtures.yaml"), "ambiguous-boolean")


def test_tags_of_the_file_and_the_case_add_up(tmp_path):
    path = tmp_path / "returns.yaml"
    path.write_text(
        HEAD + "tags: [shop]\ncases:\n  - {name: a, tags: [dear], expect: {outcome: b, rule: c}}\n" + GOOD
    )
    assert [c.tags for c in read_cases(path)[0]] == [{"shop", "dear"}, {"shop"}]
