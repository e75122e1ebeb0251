"""Labelled texts from files: read, refused with their line, imported as a whole, and imported again."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from marketplace.errors import Refused
from marketplace.tuning import importing
from marketplace.tuning.importing import BadFile, import_rows, read_rows
from marketplace.tuning.models import Finding, Label, LabelledSet, SampleText
from marketplace.tuning.sets import find_set, samples_of
from tests.marketplace.factories import NOW
from tests.marketplace.moderation.words import Words
from tests.marketplace.tuning.conftest import LINES, load

CANARY = "quokka"


def command(*words: str) -> str:
    out = StringIO()
    call_command("moderation", *words, stdout=out)
    return out.getvalue()


def labels_in(text: str, format_="csv") -> list[tuple[str, tuple[str, ...]]]:
    return [(row.reference, row.categories) for row in read_rows(StringIO(text), format_)]


def test_labels_are_a_list_or_a_column_for_each_category():
    listed = "id,text,labels\na,x,threat | hate\nb,y,\n"
    columns = "id,text,hate,threat,source\na,x,1,TRUE,web\nb,y,0,,web\n"
    wanted = [("a", ("hate", "threat")), ("b", ())]
    assert labels_in(listed) == labels_in(columns) == wanted
    lines = [
        '{"id": "a", "text": "x", "labels": ["threat", "hate"]}',
        "",
        '{"id": "b", "text": "y", "threat": 0, "spam": false}',
        '{"id": 7, "text": "z", "labels": "spam|spam"}',
    ]
    assert labels_in("\n".join(lines), "jsonl") == [*wanted, ("7", ("spam",))]


def test_texts_without_an_id_are_told_apart_by_their_words():
    first, second, again = read_rows(StringIO("text,labels\nx,\ny,\nx,threat\n"), "csv")
    assert first.reference != second.reference and again.reference == f"{first.reference}-2"


@pytest.mark.parametrize(
    "lines, problem",
    [
        ("", "line 1: there is no column `text`"),
        ("text,labels\n", "line 1: there is no text in this file"),
        ("text\nx\n", "line 1: nothing says which categories the texts have"),
        ("text,labels,threat\nx,,1\n", "line 1: there are `labels` and columns of categories"),
        ("text,labels,labels\nx,,\n", "line 1: the column `labels` is there twice"),
        ("text,labels\nx,\ny,thret\n", "line 3: `thret` is no category\nhint: did you mean `threat`?"),
        ("text,threat\nx,2\n", "line 2: `threat` is neither 0 nor 1"),
        ("text,labels\nx\n", "line 2: this row has 1 values, and the first line 2"),
        ("text,labels\nx,,more\n", "line 2: this row has 3 values, and the first line 2"),
        ("text,labels\n  ,\n", "line 2: the text is empty"),
        ('text,labels\n"two\nlines",\n"two\nmore",thret\n', "line 4: `thret` is no category"),
        ("text,labels,id\nx,,1\n\ny,,1\n", "line 4: the id `1` is that of line 2"),
        (f"text,labels,id\nx,,{'1' * 201}\n", "line 2: the id is longer than 200 characters"),
        ('text,labels\n"x,\n', "line 2: unexpected end of data"),
    ],
)
def test_wrong_csv_is_refused_with_its_line(lines, problem):
    with pytest.raises(BadFile) as refused:
        read_rows(StringIO(lines), "csv")
    assert str(refused.value).startswith(problem)


@pytest.mark.parametrize(
    "line, problem",
    [
        ("{", "this is not JSON"),
        ('["text"]', 'this is not an object with a "text"'),
        ('{"text": "x"}', "nothing says which categories the texts have"),
        ('{"text": 1, "labels": []}', "the text is no string"),
        ('{"text": "a\\u0000b", "labels": []}', "the text has a NUL character"),
        ('{"text": "a\\ud800", "labels": []}', "the text has half of a surrogate pair"),
        ('{"text": "x", "labels": {"threat": 1}}', "the labels are neither a string nor a list of strings"),
        ('{"text": "x", "labels": null}', "the labels are neither a string nor a list of strings"),
        ('{"text": "x", "labels": ["Threats"]}', "`Threats` is no category\nhint: did you mean `threat`?"),
        ('{"text": "x", "threat": 0.5}', "`threat` is neither 0 nor 1"),
        ('{"text": "x", "threat": null}', "`threat` is neither 0 nor 1"),
        ('{"text": "x", "labels": [], "id": true}', "the id is neither a string nor a number"),
    ],
)
def test_wrong_json_is_refused_with_its_line(line, problem):
    with pytest.raises(BadFile) as refused:
        read_rows(StringIO(f'{{"text": "x", "labels": []}}\n{line}\n'), "jsonl")
    assert str(refused.value).startswith(f"line 2: {problem}")


@pytest.mark.django_db
def test_samples_have_what_was_found_and_the_labels(labelled):
    threat, plain, insult = samples_of(labelled)
    assert [(s.category, s.score, s.rule) for s in threat.signals] == [("threat", 0.99, "threat.word")]
    assert (threat.labels, plain.labels, plain.signals) == (frozenset({"threat"}), frozenset(), ())
    assert [(s.category, s.score) for s in insult.signals] == [("insult", 0.45), ("threat", 0.2)]
    assert (insult.labels, insult.mode) == (frozenset({"insult", "threat"}), "normal")


@pytest.mark.django_db
def test_same_file_again_changes_nothing_and_detects_nothing(labelled, monkeypatch):
    monkeypatch.setattr(Words, "examine", lambda *_: pytest.fail("examined again"))
    again = load(LINES)
    assert (again.version, again.changes, again.unchanged) == (1, False, 3)
    assert LabelledSet.objects.count() == 1


@pytest.mark.django_db
def test_change_of_a_used_version_makes_a_new_one_and_leaves_the_old(labelled):
    before = samples_of(labelled)
    changed = LINES.replace("a fair price, I think", "a fair price").replace(",threat,1", ",hate,1")
    done = load(f"{changed}new,spam,4\n".replace("insult:0.456 insult:0.3 threat:0.2,insult|threat,3\n", ""))
    assert (done.version, done.added, done.changed, done.ended, done.unchanged) == (2, 1, 2, 1, 0)
    assert samples_of(find_set("texts", 1)) == before
    assert [sorted(sample.labels) for sample in samples_of(find_set("texts"))] == [["hate"], [], ["spam"]]


@pytest.mark.django_db
def test_version_that_nobody_used_changes_in_place(labelled):
    assert load(LINES.replace(",threat,1", ",hate,1")).version == 1
    assert [sorted(sample.labels) for sample in samples_of(labelled)] == [[], ["insult", "threat"], ["hate"]]


@pytest.mark.django_db
def test_texts_of_a_dispute_are_imported_beside_those_of_other_places(labelled):
    load(LINES, mode="dispute")
    assert [sample.mode for sample in samples_of(find_set("texts"))] == ["normal"] * 3 + ["dispute"] * 3
    load("text,labels\nx,\n", mode="dispute")
    assert [sample.mode for sample in samples_of(find_set("texts"))] == ["normal"] * 3 + ["dispute"]


@pytest.mark.django_db(transaction=True)
def test_failure_halfway_imports_nothing(monkeypatch):
    monkeypatch.setattr("marketplace.tuning.sets.AT_ONCE", 2)
    made = Label.objects.bulk_create

    def fail_later(rows):
        if SampleText.objects.count() > 2:
            raise RuntimeError("the disk is full")
        return made(rows)

    monkeypatch.setattr(importing.Label.objects, "bulk_create", fail_later)
    with pytest.raises(RuntimeError):
        load(LINES)
    assert (
        not LabelledSet.objects.exists() and not SampleText.objects.exists() and not Finding.objects.exists()
    )


@pytest.mark.django_db
def test_detectors_that_fail_import_nothing(settings, tmp_path):
    settings.MODERATION_PIPELINE = "tests.marketplace.moderation.words.with_a_problem"
    (tmp_path / "texts.csv").write_text(LINES)
    with pytest.raises(CommandError, match="the detectors do not work: classifier 1: its model is missing"):
        command("import-set", "texts", str(tmp_path / "texts.csv"))
    assert not LabelledSet.objects.exists()


@pytest.mark.django_db
def test_import_by_somebody_else_meanwhile_is_not_overwritten(labelled, monkeypatch):
    rows = read_rows(StringIO(LINES), "csv")
    theirs = LINES.replace(",threat,1", ",hate,1")

    def import_first(rows):
        load(theirs)
        return rows

    with pytest.raises(Refused, match="import the file again"):
        import_rows("texts", rows, mode="normal", pipeline=Words(), now=NOW, progress=import_first)
    assert not load(theirs).changes


@pytest.mark.django_db
def test_command_says_what_it_did(tmp_path):
    (tmp_path / "texts.csv").write_text(LINES)
    (tmp_path / "texts.jsonl").write_text(json.dumps({"text": "x", "labels": ["spam"]}))
    assert command("import-set", "texts", str(tmp_path / "texts.csv")) == (
        "texts, version 1: 3 added, 0 changed, 0 no longer in it, 0 unchanged\n"
    )
    assert "has these 3 texts already" in command("import-set", "texts", str(tmp_path / "texts.csv"))
    assert "1 added, 0 changed, 0" in command(
        "import-set", "texts", str(tmp_path / "texts.jsonl"), "--mode", "dispute"
    )
    with pytest.raises(CommandError, match="is no name of a set"):
        command("import-set", "My set", str(tmp_path / "texts.csv"))
    with pytest.raises(CommandError, match="No such file"):
        command("import-set", "texts", str(tmp_path / "gone.csv"))


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["file", "constraint"])
def test_no_error_and_no_log_quotes_a_text(fault, tmp_path, capfd, caplog, monkeypatch):
    path = tmp_path / "texts.csv"
    if fault == "file":
        path.write_text(f"text,labels\n{CANARY},\n{CANARY} again,threat,{CANARY}\n")
    else:
        path.write_text(f"text,labels\n{CANARY},\n")
        monkeypatch.setattr(importing, "_imported", lambda *_: {})
        load(path.read_text())
    with pytest.raises(CommandError) as refused:
        command("import-set", "texts", str(path))
    said = str(refused.value) + "".join(capfd.readouterr()) + caplog.text
    cause = refused.value.__cause__
    assert CANARY not in said and cause is None


@pytest.mark.django_db
def test_a_thousand_texts_cost_few_queries(django_assert_max_num_queries):
    lines = "text,labels,id\n" + "".join(f"spam:0.{n:04},spam,{n}\n" for n in range(1_000))
    with django_assert_max_num_queries(40):
        load(lines)
    assert connection is not None and SampleText.objects.count() == 1_000
