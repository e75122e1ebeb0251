"""Reports texts for people that an unquoted `#` cuts off."""

import pytest

from engine.lint import no_cut_text

from .findings import found_by, messages, policy_of

RULE = "facts: {late: bool}\nrules:\n  - id: late\n    when: late\n    then: deny\n"


@pytest.mark.parametrize("message", ["Call gate # 4.", "Call gate\t# 4.", "Call gate #4, please."])
def test_a_message_that_a_comment_cuts_is_reported_in_place(message: str):
    problems = found_by(no_cut_text, policy_of(f"{RULE}    message: {message}"))
    assert messages(problems) == [("warning", "this message ends at a `#`, which begins a comment")]
    assert problems[0].source_line[problems[0].column - 1 :].startswith("Call gate")


def test_other_texts_are_looked_at_too():
    problems = found_by(no_cut_text, policy_of(f"summary: Rule # 1\nsource: Board # 2\n{RULE}"))
    assert [m.split()[1] for _, m in messages(problems)] == ["summary", "source"]


@pytest.mark.parametrize(
    "text",
    [
        '    message: "Call gate # 4."',
        "    message: Call gate#4.",
        "    message: Call.\n    # said by the board",
        "    # none",
    ],
)
def test_whole_texts_are_not_reported(text: str):
    assert found_by(no_cut_text, policy_of(RULE + text)) == []


def test_comments_after_other_values_are_not_reported():
    assert found_by(no_cut_text, policy_of(RULE.replace("when: late", "when: late  # always"))) == []
