"""Reports text that other YAML tools read differently; tests/documents/test_portable.py runs those tools."""

from engine.lint import portable_yaml

from .findings import found_by, messages, policy_with

RULE = "{id: one, when: closed_at != null, then: deny}"


def test_a_question_mark_in_brackets_is_reported_with_a_fix():
    problems = found_by(portable_yaml, policy_with("closed_at: {type: timestamp?, show: true}", RULE))
    assert messages(problems) == [
        ("warning", "`timestamp?` holds a `?`, at which other YAML tools end a text in brackets")
    ]
    assert problems[0].hint == 'write `"timestamp?"`; `comity fmt` does'
    assert problems[0].source_line[problems[0].column - 1 :].startswith("timestamp?")


def test_quoted_or_outside_of_brackets_it_is_not_reported():
    for fact in ('closed_at: {type: "timestamp?", show: true}', "closed_at: timestamp?"):
        assert found_by(portable_yaml, policy_with(fact, RULE)) == []
