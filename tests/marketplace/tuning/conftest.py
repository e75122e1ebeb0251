"""Moderators, and a labelled set of three texts."""

from io import StringIO

import pytest

from marketplace.tuning.importing import import_rows, read_rows
from marketplace.tuning.models import LabelledSet
from marketplace.tuning.sets import find_set
from tests.marketplace.factories import NOW
from tests.marketplace.moderation.conftest import max_, mia  # noqa: F401
from tests.marketplace.moderation.words import Words

LINES = """text,labels,id
threat:0.999 at the door,threat,1
"a fair price, I think",,2
insult:0.456 insult:0.3 threat:0.2,insult|threat,3
"""


def load(lines: str, name: str = "texts", *, mode="normal", now=NOW, pipeline=None):
    rows = read_rows(StringIO(lines), "csv")
    return import_rows(name, rows, mode=mode, pipeline=pipeline or Words(), now=now)


@pytest.fixture
def labelled(db: None) -> LabelledSet:
    load(LINES)
    return find_set("texts")
