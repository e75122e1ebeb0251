"""The lexicon folder is read strictly, and every mistake has its place."""

from textwrap import dedent

import pytest

from detectors.lexicon_reader import read_lexicon
from detectors.signal import CATEGORIES
from detectors.yaml_document import LexiconError
from tests.detectors.shipped import lexicon

GOOD = """\
    severities: {mild: 0.6, strong: 0.85}
    classes:
      people: [you, him]
      everybody: ["{people}", us all]
    category: threat
    rules:
      direct:
        severity: strong
        match: ["i {people}", "we {everybody}"]
        unless_before: [never]
    words:
      - {severity: mild, words: [kill, "beat up"], may_be_name: true}
"""


def read(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(dedent(text), encoding="utf-8")
    return read_lexicon(folder)


def problems(folder, **files) -> list[str]:
    with pytest.raises(LexiconError) as raised:
        read(folder, **files)
    return [str(problem).removeprefix(f"{folder}/") for problem in raised.value.problems]


def test_a_lexicon_is_read(tmp_path):
    found = read(tmp_path, good=GOOD)
    assert [(rule.id, rule.category, rule.score, len(rule.match), rule.reported) for rule in found.rules] == [
        ("threat.direct", "threat", 0.85, 2, False)
    ]
    assert [(entry.category, entry.score, entry.phrases, entry.may_be_name) for entry in found.entries] == [
        ("threat", 0.6, ("kill", "beat up"), True)
    ]
    assert found.known == {"i", "you", "him", "we", "us", "all", "never", "kill", "beat", "up"}


def test_the_version_changes_with_the_words(tmp_path):
    before = read(tmp_path, good=GOOD).version
    assert read(tmp_path, good=GOOD).version == before
    assert read(tmp_path, good=GOOD.replace("beat up", "hit")).version != before


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("match:", "matches:", "good.yaml:9:5: unknown key `matches`; did you mean `match`?"),
        (
            "category: threat",
            "category: anger",
            f"good.yaml:5:11: `category` must be one of {', '.join(CATEGORIES)}",
        ),
        ("severity: strong", "severity: hard", "good.yaml:8:15: `severity` must be one of mild, strong"),
        ("strong: 0.85", "strong: 1.5", "good.yaml:1:33: a severity is a number above 0 and up to 1"),
        ("i {people}", "i {persons}", "good.yaml:9:13: there is no class `persons`"),
        ('["{people}", us', '["{group}", us', "good.yaml:4:15: there is no class `group` above"),
        (
            "[you, him]",
            "[You, him]",
            "good.yaml:3:12: a word or phrase holds small letters, digits, `'` and `*` only",
        ),
        ("[you, him]", "you", "good.yaml:3:11: words are a list"),
        ("may_be_name: true", "may_be_name: perhaps", "good.yaml:12:61: `may_be_name` is `true` or `false`"),
        ("[never]", "never", "good.yaml:10:20: `unless_before` must be a list"),
        ("everybody:", "people:", "good.yaml:4:3: `people` is given twice"),
        (
            "everybody:",
            "name:",
            "good.yaml:4:3: `name` is taken, or no name for a class: use small letters and `_`",
        ),
        ("category: threat", "category: &a threat", "good.yaml:5:11: anchors, aliases and tags are not read"),
        (
            "category: threat",
            "category: !!str threat",
            "good.yaml:5:11: anchors, aliases and tags are not read",
        ),
    ],
)
def test_a_mistake_has_its_place(tmp_path, old, new, problem):
    assert old in GOOD
    assert problem in problems(tmp_path, good=GOOD.replace(old, new))


def test_all_mistakes_of_all_files_are_told(tmp_path):
    told = problems(
        tmp_path, a="colour: red\n", b="- a list\n", c="[" * 50, d="category: threat\nrules: {x: 1}\n"
    )
    assert told == [
        "a.yaml:1:1: unknown key `colour`",
        "b.yaml:1:1: the file must be a mapping",
        "c.yaml:1:9: values are nested at most 8 deep",
        "d.yaml:2:12: a rule is a mapping",
    ]


def test_a_word_to_remove_must_be_in_the_list(tmp_path):
    text = """\
        severities: {mild: 0.6}
        category: profanity
        better_profanity: {severity: mild, mild_severity: mild, removed: [teapot]}
        """
    assert problems(tmp_path, p=text) == ["p.yaml:3:67: `teapot` is not in the list of better-profanity"]


def test_a_folder_without_files_is_no_lexicon(tmp_path):
    assert problems(tmp_path) == [f"{tmp_path}:1:1: there is no lexicon in this folder"]


def test_the_shipped_lexicon_judges_every_category():
    found = {rule.category for rule in lexicon().rules} | {entry.category for entry in lexicon().entries}
    assert found == set(CATEGORIES)


def test_the_shipped_lexicon_leaves_identity_and_medicine_out_of_profanity():
    words = {
        phrase for entry in lexicon().entries if entry.category == "profanity" for phrase in entry.phrases
    }
    assert words.isdisjoint(
        {"gay", "lesbians", "queer", "uterus", "rape", "raped", "hiv", "god", "fat", "kill", "stupid"}
    )
    assert {"fuck", "shit", "motherfucker", "bullshit"} <= words
