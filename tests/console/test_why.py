"""Why an item is in the queue, in one sentence made from its record and the policy."""

import pytest

from decisions import bundles
from marketplace.moderation.models import QueueItem

pytestmark = pytest.mark.django_db(transaction=True)


def page_of(item: QueueItem) -> str:
    return f"/console/moderation/queue/{item.pk}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "threat:0.51+classifier",
            "Held: the classifier found a threat at 0.51. From 0.40 on, such texts are held.",
        ),
        ("threat:0.57", "Held: a word rule found a threat at 0.57. From 0.55 on, such texts are held."),
        (
            "threat:0.52",
            "Held: a word rule found a threat at 0.52. From 0.50 on, such texts are held, unless the classifier finds them "
            "unlikely.",
        ),
        (
            "threat:0.52 threat:0.46+classifier",
            "Held: the classifier found a threat at 0.46. From 0.40 on, such texts are held.",
        ),
        (
            "threat:0.85 threat:0.0+classifier",
            "Held: a word rule found a threat at 0.85. From 0.80 on, such texts are blocked. The classifier is sure that this "
            "one is harmless, so a person decides.",
        ),
        (
            "spam:0.6",
            "Delivered: a word rule found advertising at 0.60. From 0.50 on, such texts are read by a person.",
        ),
        (
            "threat:0.8+reported",
            "Delivered: a word rule found a threat at 0.80, told of somebody else. From 0.30 on, such texts are read by a "
            "person.",
        ),
        (
            "self_harm:0.9",
            "Delivered: a word rule found self-harm at 0.90. From 0.30 on, such texts are read by a person, since their author "
            "may need help.",
        ),
    ],
)  # fmt: skip
def test_why_it_is_here_is_told_in_one_sentence(moderator_client, send, text, why):
    item = send(text).queue_item
    page = moderator_client.get(page_of(item))
    assert (page.context["why"], why in page.text) == (why, True)
    assert "Its author was told, and nobody else:" in page.text


def test_earlier_versions_held_for_a_classifier_from_the_score_that_blocks(
    moderator_client, send, policies_dir
):
    path = policies_dir / "moderation_profiles.yaml"
    text = path.read_text()
    table = text[text.index("    table:", text.index("  classifier_may_hold:")) : text.index("  veto_below:")]
    text = text.replace(table, "    list: string\n    value: [threat]\n")
    text = text.replace("for_each: {row: classifier_may_hold}", "for_each: {row: thresholds}")
    path.write_text(text.replace("s.score >= row.hold", "s.score >= row.block"))
    assert bundles.reload().problems == ()
    why = "Held: the classifier found a threat at 0.85. From 0.80 on, such texts are held."
    assert moderator_client.get(page_of(send("threat:0.85+classifier").queue_item)).context["why"] == why


def test_rule_that_the_page_does_not_know_is_named(moderator_client, send, policies_dir):
    path = policies_dir / "moderation_profiles.yaml"
    path.write_text(path.read_text().replace("- id: flagged\n", "- id: looked-at\n"))
    assert bundles.reload().problems == ()
    page = moderator_client.get(page_of(send("spam:0.6").queue_item))
    assert (page.context["why"], "by the rule looked-at (normal, spam)" in page.text) == ("", True)
