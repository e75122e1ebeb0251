"""An error in the topics is reported with its location, and the last good topics stay in use."""

import shutil
from pathlib import Path

import pytest
import structlog
from django.conf import settings

from decisions import bundles
from marketplace.assistant.answers.policies import POLICIES
from marketplace.assistant.answers.reading import read_topics
from marketplace.assistant.answers.store import FILE, TopicsFile, TopicsUnavailable
from marketplace.assistant.answers.wording import check_wordings
from marketplace.assistant.checks import check_topics
from tests.editable_policies import copy_policies
from tests.marketplace.factories import NOW

SHIPPED = Path(settings.COMITY_POLICIES_DIR) / FILE
GOOD = """\
topics:
  review:
    asks: [review*]
    about: review
    general: Both sides confirm.
    rules:
      pair-complete: "{message} Go on."
follow_ups: [why]
unknown: {text: Ask again.}
greeting: {text: Hello.}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "assistant" / "topics.yaml"
    path.parent.mkdir()
    path.write_text(GOOD)
    return path


def problems(file: Path, old: str, new: str) -> list[str]:
    assert old in GOOD
    file.write_text(GOOD.replace(old, new))
    topics, diagnostics = read_topics(file, explainable=POLICIES)
    assert (topics is None) is bool(diagnostics)
    if topics is not None:
        diagnostics = check_wordings(topics, explainable=POLICIES, bundle=bundles.in_force(), now=NOW)
    return [f"{d.line}:{d.column} {d.code}: {d.message}" for d in diagnostics]


def test_shipped_topics_quote_what_there_is():
    assert check_topics() == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("about: review", "about: reviews", "4:12 unknown-value: `reviews` is not something"),
        ("asks: [review*]", "ask: [review*]", "3:5 unknown-key: unknown key `ask` in the topic `review`"),
        ("[review*]", "review*", "3:11 not-a-list: `asks` must be a list"),
        ("[review*]", "[review*, '!?']", "3:21 no-words: `!?` has no words to look for"),
        ("[review*]", "[yes]", "3:12 ambiguous-boolean: `yes` is not a boolean"),
        ("general: Both sides confirm.", "general: 7", "5:14 not-text: `general` must be text"),
        ("review:", "Review It:", "2:3 bad-code: `Review It` is not a code"),
        ("Both sides confirm.", "After {retention.keep_for}.", ""),
        ("Both sides confirm.", "After {retention.keep_form}.", "5:20 unknown-place: `{retention.keep_form}` is not a known"),
        ("Both sides confirm.", "'{inbox_title.longest}'", "5:15 unknown-place: `{inbox_title.longest}` is not a known"),
        ("Both sides confirm.", "So {message}", "5:17 unknown-place: `{message}` is not a known"),
        ("{message}", "{outputs.nothing}", "7:23 unknown-place: `{outputs.nothing}` is not a known"),
        ("{message}", "{", "7:23 unknown-place: `{` is not a known"),
        ("pair-complete", "pair-completed", "7:23 unknown-rule: the policy `review_eligibility` has no rule `pair-completed`"),
        ("    about: review\n", "", "6:7 rules-about-nothing: `rules` needs `about`, which says whose they are"),
        ("unknown: {text: Ask again.}", "unknown: Ask.", "9:10 not-a-mapping: `unknown` must be a mapping of keys to values"),
        ("topics:\n  review:", "topics:\n  review: &x", "2:11 yaml-anchor: the anchor `&x` is not allowed"),
        ("[why]", "[why", "8:13 yaml-syntax: this `[` is never closed"),
    ],
)  # fmt: skip
def test_mistake_is_reported_with_its_location(file, old, new, problem):
    lines = problems(file, old, new)
    assert [text[: len(problem)] for text in lines if problem][:1] == [problem][: bool(problem)], lines
    assert bool(lines) is bool(problem)


def test_broken_file_changes_no_answer_and_a_good_one_does(file):
    topics = TopicsFile(file)
    assert topics.topics().unknown.text == "Ask again."
    file.write_text(GOOD.replace("topics:", "topic:"))
    assert topics.topics().unknown.text == "Ask again."
    assert [problem.code for problem in topics.problems()] == ["unknown-key"]
    file.write_text(GOOD.replace("Ask again.", "Ask once more."))
    assert topics.topics().unknown.text == "Ask once more."
    assert topics.problems() == ()
    file.unlink()
    assert topics.topics().unknown.text == "Ask once more."
    assert [problem.code for problem in topics.problems()] == ["unreadable-file"]


def test_missing_file_is_logged_once(file):
    topics = TopicsFile(file)
    assert topics.topics().unknown.text == "Ask again."
    file.unlink()
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            assert topics.topics().unknown.text == "Ask again."
    assert [line["event"] for line in lines] == ["assistant_topics_broken"]


def test_without_a_file_there_are_no_topics(tmp_path):
    topics = TopicsFile(tmp_path / "topics.yaml")
    with pytest.raises(TopicsUnavailable):
        topics.topics()


def test_policies_load_beside_the_topics_and_a_broken_one_is_a_failing_check(tmp_path, settings):
    settings.COMITY_POLICIES_DIR = copy_policies(tmp_path / "policies")
    assert bundles.in_force().digest == bundles.directory_at(SHIPPED.parent.parent).bundle().digest
    assert check_topics() == []
    shutil.copy(settings.COMITY_POLICIES_DIR / "chat.yaml", settings.COMITY_POLICIES_DIR / FILE)
    assert {message.id for message in check_topics()} == {"assistant.E001"}
    assert "assistant/topics.yaml:3:1: error[missing-key]" in check_topics()[0].msg
