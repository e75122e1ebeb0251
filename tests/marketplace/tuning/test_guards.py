"""The database refuses what the services never do."""

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.tuning.labelling import label_sample
from marketplace.tuning.models import Label, SampleText, Source
from marketplace.tuning.sets import samples_of
from tests.marketplace.factories import NOW

pytestmark = pytest.mark.django_db

STATEMENTS = {
    "thaw a version": "UPDATE tuning_labelledset SET frozen_at = NULL",
    "rename a version": "UPDATE tuning_labelledset SET name = 'other'",
    "delete a version": "DELETE FROM tuning_labelledset",
    "change a text": "UPDATE tuning_sampletext SET text = 'other'",
    "move a text into another set": "UPDATE tuning_sampletext SET name = 'other'",
    "end a text in a frozen version": "UPDATE tuning_sampletext SET until = 1",
    "bring an ended text back": "UPDATE tuning_sampletext SET until = NULL WHERE reference = 'ended'",
    "delete a text": "DELETE FROM tuning_sampletext",
    "change a label": "UPDATE tuning_label SET categories = '[]'",
    "let a label count": "UPDATE tuning_label SET counts = TRUE WHERE by_id IS NOT NULL",
    "delete a label": "DELETE FROM tuning_label",
    "change what was found": "UPDATE tuning_finding SET signals = '[]'",
    "delete what was found": "DELETE FROM tuning_finding",
    "add a text to a frozen version": (
        "INSERT INTO tuning_sampletext (name, since, source, mode, reference, text, kind, wanted) "
        "VALUES ('texts', 1, 'import', 'normal', 'more', 'words', '', 0)"
    ),
    "import a text that is stored nowhere": (
        "INSERT INTO tuning_sampletext (name, since, source, mode, reference, kind, wanted) "
        "VALUES ('other', 1, 'import', 'normal', 'more', '', 0)"
    ),
    "copy a text of a person": (
        "INSERT INTO tuning_sampletext (name, since, source, mode, reference, text, author_id, kind, text_id, wanted) "
        "VALUES ('other', 1, 'blind', 'normal', '', 'words', {author}, 'chat_message', 1, 1)"
    ),
    "label a frozen version": (
        "INSERT INTO tuning_label (sample_id, since, by_id, categories, counts, at) "
        "VALUES ({unlabelled}, 1, {moderator}, '[]', TRUE, '2026-11-01T00:00:00Z')"
    ),
    "label one's own words": (
        "INSERT INTO tuning_label (sample_id, since, by_id, categories, counts, at) "
        "VALUES ({unlabelled}, 2, {author}, '[]', TRUE, '2026-11-01T00:00:00Z')"
    ),
    "label twice": (
        "INSERT INTO tuning_label (sample_id, since, by_id, categories, counts, at) "
        "VALUES ({labelled}, 2, {moderator}, '[]', FALSE, '2026-11-01T00:00:00Z')"
    ),
    "give a second label that counts": (
        "INSERT INTO tuning_label (sample_id, since, by_id, categories, counts, at) "
        "VALUES ({labelled}, 2, {other}, '[]', TRUE, '2026-11-01T00:00:00Z')"
    ),
}


@pytest.fixture
def rows(labelled, bea, max_, mia, monkeypatch) -> dict[str, int]:
    """A frozen version with a blind sample, half of it labelled."""
    monkeypatch.setattr("marketplace.tuning.labelling.lot_of", lambda *_: 0.0)
    SampleText.objects.filter(reference="2").update(until=1)
    sample = {"name": "texts", "since": 1, "source": Source.BLIND, "mode": "normal", "author": bea}
    done, waiting = (
        SampleText.objects.create(**sample, kind="chat_message", text_id=number, wanted=2)
        for number in (1, 2)
    )
    label_sample(moderator=max_, number=done.pk, categories=["spam"], now=NOW)
    samples_of(labelled)
    return {
        "author": bea.pk,
        "moderator": max_.pk,
        "other": mia.pk,
        "labelled": done.pk,
        "unlabelled": waiting.pk,
    }


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_database_refuses(statement, rows):
    if "'ended'" in statement:
        statement = statement.replace("reference = 'ended'", "reference = '2'")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(**rows))


def test_a_new_version_may_still_grow(rows, mia):
    given = label_sample(moderator=mia, number=rows["unlabelled"], categories=[], now=NOW)
    assert (given.since, given.counts) == (2, True)
    assert Label.objects.filter(since=1).count() == 4
