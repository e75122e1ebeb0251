"""Finds the user behind a token or a session."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.crypto import constant_time_compare

from marketplace.accounts.models import Token, User
from marketplace.accounts.tokens import digest_token, seal_of


def find_user_by_token(text: str) -> User | None:
    """None if the token is unknown, revoked or older than the password, or if the user is deactivated. One SELECT.

    Every request asks this, and building the query with the ORM took longer than the rest of a decision request.
    """
    statement, names, converters = _select_by_token(connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(statement, [digest_token(text)])
        row = cursor.fetchone()
    if row is None:
        return None
    seal, *values = row
    for position, column, convert in converters:
        values[position] = convert(values[position], column, connection)
    user = User.from_db(connection.alias, names, values)
    return user if constant_time_compare(seal, seal_of(user)) else None


Converter = Callable[[Any, Any, BaseDatabaseWrapper], Any]


@cache
def _select_by_token(vendor: str) -> tuple[str, list[str], list[tuple[int, Any, Converter]]]:
    """The statement for a database, the attributes of the user that it returns, and the conversions of their values."""
    quote = connection.ops.quote_name
    users, tokens = quote(User._meta.db_table), quote(Token._meta.db_table)
    fields = User._meta.concrete_fields
    columns = ", ".join(f"{users}.{quote(str(field.column))}" for field in fields)
    statement = (
        f"SELECT {tokens}.seal, {columns} FROM {tokens} JOIN {users} ON {users}.id = {tokens}.user_id"
        f" WHERE {tokens}.digest = %s AND {tokens}.revoked_at IS NULL AND {users}.is_active"
    )
    converters: list[tuple[int, Any, Converter]] = []
    for position, field in enumerate(fields):
        column = field.get_col(User._meta.db_table)
        needed = [*connection.ops.get_db_converters(column), *field.get_db_converters(connection)]
        converters += [(position, column, convert) for convert in needed]
    return statement, [field.attname for field in fields], converters


def works(token: Token) -> bool:
    return token.revoked_at is None and constant_time_compare(token.seal, seal_of(token.user))


def count_tokens(user: User) -> int:
    """Valid tokens."""
    return user.tokens.filter(revoked_at=None, seal=seal_of(user)).count()


def find_user_by_session(session: SessionBase) -> User | None:
    """Like Django, but read-only: Django deletes a session that ended with a password change, and anonymous requests must never
    write."""
    number = session.get(SESSION_KEY)
    user = User.objects.filter(pk=number, is_active=True).first() if number else None
    return user if user is not None and _is_of(session.get(HASH_SESSION_KEY, ""), user) else None


def _is_of(session_hash: str, user: User) -> bool:
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(session_hash, known) for known in hashes)


def lock_open(user_id: int) -> bool:
    """Whether the account is open. Until the transaction ends, an erasure waits; other transactions of the user do not."""
    lock = "FOR KEY SHARE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {User._meta.db_table} WHERE id = %s AND is_active {lock}", [user_id])
        return cursor.fetchone() is not None
