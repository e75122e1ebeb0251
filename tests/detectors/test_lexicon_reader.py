"""The lexicon folder is read strictly, and every mistake is reported with its position."""

from datetime import UTC, datetime
from textwrap import dedent

import pytest

from detectors.lexicon_reader import LexiconError, read_lexicon
from detectors.repairing import BLOCKS, HELD, HOLDS
from detectors.signal import CATEGORIES
from tests.detectors.shipped import lexicon
from tests.engine.policies import shipped

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
KNOWN = ", ".join(f"`{category}`" for category in sorted(CATEGORIES))
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
    return [
        f"{p.file.removeprefix(f'{folder}/')}:{p.line}:{p.column}: {p.code}: {p.message}"
        + (f"; {p.hint}" if p.hint else "")
        for p in raised.value.problems
    ]


def test_a_lexicon_is_read(tmp_path):
    lexicon = read(tmp_path, good=GOOD)
    assert [
        (rule.id, rule.category, rule.score, len(rule.match), rule.reported) for rule in lexicon.rules
    ] == [("threat.direct", "threat", 0.85, 2, False)]
    assert [(entry.category, entry.score, entry.phrases, entry.may_be_name) for entry in lexicon.entries] == [
        ("threat", 0.6, ("kill", "beat up"), True)
    ]
    assert lexicon.known == {"i", "you", "him", "we", "us", "all", "never", "kill", "beat", "up"}


def test_a_severity_may_have_a_score_by_category(tmp_path):
    scores = "severities: {mild: {threat: 0.7, others: 0.5}, strong: 0.85}"
    lexicon = read(tmp_path, good=GOOD.replace("severities: {mild: 0.6, strong: 0.85}", scores))
    assert (lexicon.entries[0].score, lexicon.rules[0].score) == (0.7, 0.85)
    insults = "category: insult\nwords: [{severity: mild, words: [fool]}]\n"
    assert [(e.category, e.score) for e in read(tmp_path, more=insults).entries] == [
        ("threat", 0.7),
        ("insult", 0.5),
    ]


def test_scores_by_category_are_checked(tmp_path):
    scores = "severities: {low: {threat: 0.1}, mild: {threats: 0.7, others: 0.5}, strong: {threat: 2, others: 0.5}}\n"
    assert [line.partition(";")[0] for line in problems(tmp_path, bad=scores)] == [
        "bad.yaml:1:19: missing-key: a severity needs the key `others`",
        "bad.yaml:1:41: unknown-key: unknown key `threats` in a severity",
        "bad.yaml:1:86: bad-severity: a severity is a number above 0 and up to 1",
    ]


def test_the_version_changes_with_the_words(tmp_path):
    before = read(tmp_path, good=GOOD).version
    assert read(tmp_path, good=GOOD).version == before
    assert read(tmp_path, good=GOOD.replace("beat up", "hit")).version != before


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("match:", "matches:", "good.yaml:9:5: unknown-key: unknown key `matches` in a rule; did you mean `match`?"),
        ("category: threat", "category: anger",
         f"good.yaml:5:11: unknown-value: `category` must be one of {', '.join(CATEGORIES)}; known here: {KNOWN}"),
        ("severity: strong", "severity: strng",
         "good.yaml:8:15: unknown-value: `severity` must be one of mild, strong; did you mean `strong`?"),
        ("strong: 0.85", "strong: 1.5", "good.yaml:1:33: bad-severity: a severity is a number above 0 and up to 1"),
        ("strong: 0.85", "strong: true", "good.yaml:1:33: bad-severity: a severity is a number above 0 and up to 1"),
        ("i {people}", "i {persons}", "good.yaml:9:13: bad-pattern: there is no class `persons`; known here: "),
        ("we {everybody}", "no one|nobody",
         "good.yaml:9:27: bad-pattern: `one|nobody` is a choice outside parentheses; write `(one|nobody)`, or put the"
         " whole phrase inside, as in `(no one|nobody)`"),
        ('["{people}", us', '["{group}", us', "good.yaml:4:15: unknown-class: there is no class `group` above"),
        ("[you, him]", "[You, him]",
         "good.yaml:3:12: bad-word: a word or phrase holds small letters, digits, `'` and `*` only"),
        ("[you, him]", "you", "good.yaml:3:11: not-a-list: a class must be a list; write `[you]`"),
        ("may_be_name: true", "may_be_name: perhaps",
         "good.yaml:12:61: not-a-boolean: `may_be_name` must be `true` or `false`"),
        ("[never]", "never", "good.yaml:10:20: not-a-list: `unless_before` must be a list"),
        ("[never]", '"(no|not) ..2"', "good.yaml:10:20: not-a-list: `unless_before` must be a list; write each item on a line"
         " of its own, after a `- ` and in quotation marks"),
        ("[never]", "[]", "good.yaml:10:20: empty-list: `unless_before` is empty; write an item, or leave it out"),
        ("[you, him]", "[]", "good.yaml:3:11: empty-list: a class is empty; write an item, or leave it out"),
        ('[kill, "beat up"]', "[]", "good.yaml:12:29: empty-list: `words` is empty; write an item, or leave it out"),
        ("severity: strong", "own: true", "good.yaml:8:5: missing-key: "),
        ("direct:", "word:", "good.yaml:7:3: name-taken: the name `word` is built in; choose another name"),
        ("direct:", "Direct:", "good.yaml:7:3: bad-name: `Direct` is no name for a rule for threat"),
        ("everybody:", "people:", "good.yaml:4:3: duplicate-key: the key `people` is given twice"),
        ("everybody:", "name:", "good.yaml:4:3: name-taken: the name `name` is built in; choose another name"),
        ("everybody:", "Every body:", "good.yaml:4:3: bad-name: `Every body` is no name for a class"),
        ("category: threat", "category: &a threat", "good.yaml:5:11: yaml-anchor: the anchor `&a` is not allowed"),
        ("category: threat", "category: !!str threat", "good.yaml:5:11: yaml-tag: a YAML tag is not allowed"),
        ("category: threat", "category: thr\u202eeat", "good.yaml:5:14: invisible-character: the character U+202E"),
        ("us all", '"us \\u200Ball"', "good.yaml:4:27: invisible-character: the escape spells U+200B"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_place(tmp_path, old, new, problem):
    assert old in GOOD
    problem_lines = problems(tmp_path, good=GOOD.replace(old, new))
    assert any(text.startswith(problem) for text in problem_lines), problem_lines


SHARED = """\
    exceptions:
      spoken_of: ["word ..1"]
    category: threat
    rules:
      second:
        severity: strong
        match: [you]
        unless: [spoken_of]
        unless_before: [never]
"""


def test_rules_of_any_file_share_exceptions(tmp_path):
    texts = {"a": SHARED.replace("spoken_of: [", "told_of: [").replace("second", "first"), "b": SHARED}
    lexicon = read(
        tmp_path, good=GOOD, **{n: t.replace("[spoken_of]", "[spoken_of, told_of]") for n, t in texts.items()}
    )
    assert [len(rule.unless_before) for rule in lexicon.rules] == [3, 3, 1]
    assert "word" in lexicon.known


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[spoken_of]", "[spoken]",
         "more.yaml:8:14: unknown-value: an exception must be one of spoken_of; did you mean `spoken_of`?"),
        ("[spoken_of]", "spoken_of", "more.yaml:8:13: not-a-list: `unless` must be a list; write `[spoken_of]`"),
        ("spoken_of: [", "Spoken: [", "more.yaml:2:3: bad-name: `Spoken` is no name for an exception; use small letters and `_`"),
        ('"word ..1"', '"{nobody}"',
         "more.yaml:2:15: bad-pattern: there is no class `nobody`; known here: `everybody`, `name`, `number`, `people`"),
    ],
)  # fmt: skip
def test_a_mistake_in_an_exception_has_its_place(tmp_path, old, new, problem):
    assert problem in problems(tmp_path, good=GOOD, more=SHARED.replace(old, new))


def test_the_name_of_an_exception_is_taken_once(tmp_path):
    found = problems(tmp_path, good=GOOD, a=SHARED, b=SHARED.replace("second", "third"))
    assert found == [
        "b.yaml:2:3: name-taken: the name `spoken_of` is taken in line 2 of a.yaml; choose another name"
    ]


def test_a_rule_or_a_severity_has_its_name_for_itself(tmp_path):
    other = GOOD[GOOD.index("    category") :].replace("{people}", "you").replace("{everybody}", "all")
    assert problems(tmp_path, good=GOOD, other=other, worse=other.replace("threat", "abuse")) == [
        "other.yaml:3:3: name-taken: the name `direct` is taken in line 7 of good.yaml; choose another name"
    ]
    (tmp_path / "other.yaml").unlink()
    assert problems(tmp_path, good=GOOD, more="severities: {mild: 0.7}\n") == [
        "more.yaml:1:14: name-taken: the name `mild` is taken in line 1 of good.yaml; choose another name"
    ]


def test_a_bad_severity_is_the_only_problem(tmp_path):
    found = problems(tmp_path, good=GOOD.replace("strong: 0.85", "strong: high"))
    assert found == ["good.yaml:1:33: bad-severity: a severity is a number above 0 and up to 1"]


def test_all_mistakes_of_all_files_are_reported(tmp_path):
    problem_lines = problems(
        tmp_path, a="colour: red\n", b="- a list\n", c="[" * 17, d="category: threat\nrules: {x: 1}\n"
    )
    assert [text.partition(";")[0] for text in problem_lines] == [
        "a.yaml:1:1: unknown-key: unknown key `colour` in the file",
        "b.yaml:1:1: not-a-mapping: the file must be a mapping of keys to values",
        "c.yaml:1:17: too-deep: nested deeper than 16 levels",
        "d.yaml:2:12: not-a-mapping: a rule must be a mapping of keys to values",
    ]


def test_words_that_yaml_takes_for_something_else_are_words(tmp_path):
    lexicon = read(tmp_path, good=GOOD.replace("[kill,", "[no, on, 0x10, true, 911, kill,"))
    assert lexicon.entries[0].phrases == ("no", "on", "0x10", "true", "911", "kill", "beat up")


def test_a_word_to_remove_must_be_in_the_list(tmp_path):
    text = """\
        severities: {mild: 0.6}
        category: profanity
        better_profanity: {severity: mild, mild_severity: mild, removed: [teapot]}
        """
    assert problems(tmp_path, p=text) == [
        "p.yaml:3:67: unknown-value: `teapot` is not in the list of better-profanity; delete it"
    ]


def test_a_folder_without_files_is_no_lexicon(tmp_path):
    assert problems(tmp_path) == [
        f"{tmp_path}:1:1: no-lexicon: there is no lexicon in this folder; a lexicon is one or more files that end in `.yaml`"
    ]


def test_the_shipped_lexicon_judges_every_category():
    categories = {rule.category for rule in lexicon().rules} | {entry.category for entry in lexicon().entries}
    assert categories == set(CATEGORIES)


def test_the_shipped_severities_do_what_they_are_for():
    """`low` flags, `doubtful` holds unless the classifier finds it unlikely, `uncertain` holds, everything above blocks, and
    `severe` does whatever the table says."""
    parameters = shipped().version_at("moderation_profiles", NOW).validated.policy.parameters
    hold, sure, limit = (parameters[name].value for name in ("hold_from", "sure_from", "hard_limit"))
    assert parameters["thresholds"].table is not None
    for mode, category, flag, block, _ in parameters["thresholds"].table.rows:
        if category in parameters["hard_categories"].value:
            low, *others = (scores[category] for scores in lexicon().severities.values())
            assert 0 < low < flag < hold <= others[0] < sure <= others[1] < block <= others[2], mode
            assert others[2] <= others[3] < limit <= others[4], mode
            assert (hold, sure, block) == (HOLDS, HELD, BLOCKS)
    assert list(lexicon().severities) == ["low", "doubtful", "uncertain", "mild", "strong", "severe"]


def test_the_shipped_lexicon_leaves_identity_and_medicine_out_of_profanity():
    words = {
        phrase for entry in lexicon().entries if entry.category == "profanity" for phrase in entry.phrases
    }
    assert words.isdisjoint(
        {"gay", "lesbians", "queer", "uterus", "rape", "raped", "hiv", "god", "fat", "kill", "stupid"}
    )
    assert {"fuck", "shit", "motherfucker", "bullshit"} <= words


def test_a_folder_below_holds_the_lexicon_of_a_language(tmp_path):
    (tmp_path / "french").mkdir()
    french = {"threat": 'category: threat\nrules: {direct: {severity: strong, match: ["je t\' ecrase"]}}\n'}
    (tmp_path / "french" / "threat.yaml").write_text(french["threat"], encoding="utf-8")
    lexicon = read(tmp_path, good=GOOD)
    [below] = lexicon.foreign
    assert (below.language, below.prefix, lexicon.language, lexicon.prefix) == (
        "french",
        "french.",
        "english",
        "",
    )
    assert [(rule.id, rule.score) for rule in below.rules] == [("french.threat.direct", 0.85)]
    assert below.known == {"je", "t'", "ecrase"} - lexicon.known


def test_a_folder_below_may_add_a_severity_but_not_change_one(tmp_path):
    (tmp_path / "french").mkdir()
    french = "severities: {mild: 0.9, foul: 0.7}\ncategory: insult\nwords: [{severity: foul, words: [sot]}]\n"
    (tmp_path / "french" / "insult.yaml").write_text(french, encoding="utf-8")
    assert problems(tmp_path, good=GOOD) == [
        "french/insult.yaml:1:14: name-taken: the severity `mild` is that of the English lexicon; choose another name, or "
        "delete it"
    ]
    (tmp_path / "french" / "insult.yaml").write_text(french.replace("mild: 0.9, ", ""), encoding="utf-8")
    [below] = read(tmp_path, good=GOOD).foreign
    assert [entry.score for entry in below.entries] == [0.7]


def test_a_folder_below_is_named_after_a_language(tmp_path):
    (tmp_path / "frensh").mkdir()
    (tmp_path / "spanish").mkdir()
    (tmp_path / "german").mkdir()
    (tmp_path / "german" / "threat.yaml").write_text("category: threats\n", encoding="utf-8")
    (tmp_path / "german" / "more.yml").write_text("category: threat\n", encoding="utf-8")
    assert problems(tmp_path, good=GOOD) == [
        "frensh:1:1: unknown-language: a folder of a lexicon is named after one of the languages german, spanish, french; did "
        "you mean `french`?",
        "german/more.yml:1:1: unread-file: only files that end in `.yaml` are read, and this one ends in `.yml`; rename it to "
        "`more.yaml`",
        f"german/threat.yaml:1:11: unknown-value: `category` must be one of {', '.join(CATEGORIES)}; did you mean `threat`?",
        "spanish:1:1: no-lexicon: there is no lexicon in this folder; a lexicon is one or more files that end in `.yaml`",
    ]
