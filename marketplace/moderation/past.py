"""Whether an author's past matters for the next text."""

from typing import NamedTuple

from django.db import connection

from marketplace.accounts.models import User
from marketplace.moderation.models import Insult, Strike
from marketplace.moderation.thread import Thread

_STATEMENT = f"""
SELECT
    EXISTS (SELECT 1 FROM {Strike._meta.db_table} WHERE author_id = %s AND taken_back_at IS NULL),
    EXISTS (SELECT 1 FROM {Insult._meta.db_table} WHERE thread_kind = %s AND thread_id = %s AND author_id = %s)
"""


class Past(NamedTuple):
    strikes: bool
    insults: bool


def past_of(author: User, thread: Thread) -> Past:
    """One SELECT, written by hand: for most authors it replaces two queries of the ORM, which together took a fifth of the time
    of a message."""
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, [author.pk, thread.kind, thread.id, author.pk])
        return Past(*map(bool, cursor.fetchone()))
