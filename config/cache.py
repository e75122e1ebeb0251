"""The cache for rate limits and locks: in memory for one worker, in Redis or the database for several.

Django's own backends store pickles, which anybody with write access to the store could turn into code execution, and its
database backend increments in two steps, which is a race. Here values are JSON, and each operation is one statement.
"""

import json
import time
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

TABLE: Final = "comity_cache"
NEVER: Final = 1e11
REDIS: Final = ("redis://", "rediss://", "unix://")
DATABASE: Final = "database://"
_PATIENCE_SECONDS: Final = 0.5

_ADD: Final = f"""
    INSERT INTO {TABLE} (key, value, expires_at) VALUES (%s, %s, %s)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
    WHERE {TABLE}.expires_at <= %s RETURNING 1
"""
_SET: Final = f"""
    INSERT INTO {TABLE} (key, value, expires_at) VALUES (%s, %s, %s)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at RETURNING 1
"""
_INCR: Final = f"""
    UPDATE {TABLE} SET value = CAST(CAST(value AS BIGINT) + %s AS TEXT)
    WHERE key = %s AND expires_at > %s RETURNING value
"""
_GET: Final = f"SELECT value FROM {TABLE} WHERE key = %s AND expires_at > %s"
_TOUCH: Final = f"UPDATE {TABLE} SET expires_at = %s WHERE key = %s AND expires_at > %s RETURNING 1"
_DELETE: Final = f"DELETE FROM {TABLE} WHERE key = %s AND expires_at > %s RETURNING 1"
_CLEAR: Final = f"DELETE FROM {TABLE} RETURNING 1"
_FORGET: Final = f"DELETE FROM {TABLE} WHERE expires_at <= %s RETURNING 1"


def configure_cache(url: str, *, workers: int | None) -> dict[str, Any]:
    """Without a URL: memory if there is exactly one worker, otherwise the database."""
    if url.startswith(REDIS):
        return {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": url,
            "KEY_PREFIX": "comity",
            "OPTIONS": {
                "serializer": "config.cache.JSONSerializer",
                "socket_connect_timeout": _PATIENCE_SECONDS,
                "socket_timeout": _PATIENCE_SECONDS,
            },
        }
    if url or workers != 1:
        return {"BACKEND": "config.cache.DatabaseCache"}
    # Django's default limit of 300 entries would drop callers when there are many.
    return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 50_000}}


class JSONSerializer:
    def dumps(self, value: Any) -> Any:
        return value if type(value) is int else json.dumps(value)

    def loads(self, data: Any) -> Any:
        return json.loads(data)


class DatabaseCache(BaseCache):
    """Uses the table that `migrate` creates. Stores JSON values; expired rows are deleted by the periodic work."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        row = (self._name(key, version), json.dumps(value), self._expiry(timeout), time.time())
        return bool(_execute(_ADD, *row))

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        _execute(_SET, self._name(key, version), json.dumps(value), self._expiry(timeout))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        rows = _execute(_GET, self._name(key, version), time.time())
        return json.loads(rows[0][0]) if rows else default

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        rows = _execute(_INCR, delta, self._name(key, version), time.time())
        if not rows:
            raise ValueError(f"Key '{key}' not found")
        return int(rows[0][0])

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(_execute(_TOUCH, self._expiry(timeout), self._name(key, version), time.time()))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(_execute(_DELETE, self._name(key, version), time.time()))

    def clear(self) -> None:
        _execute(_CLEAR)

    def _name(self, key: Any, version: int | None) -> str:
        return self.make_and_validate_key(key, version=version)

    def _expiry(self, timeout: Any) -> float:
        expiry: float | None = self.get_backend_timeout(timeout)
        return NEVER if expiry is None else expiry


def forget_expired(*, now: Any) -> int:
    """Periodic work: deletes expired rows and returns their number."""
    return len(_execute(_FORGET, now.timestamp()))


def _execute(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
