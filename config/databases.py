"""Connection settings for the two supported databases, from one URL."""

from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

# SQLite: writers queue at BEGIN instead of failing at the first write, in order within a process (config/sqlite). Other
# processes wait at most 20 seconds. A commit survives a power failure. What is deleted is overwritten, since it may be the key
# of an erased person, of which the database could otherwise keep a copy in a page that it freed or rearranged.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
}
POSTGRESQL_LIMITS = "-c lock_timeout=3s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s"


def configure_database(url: str) -> dict[str, Any]:
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError as error:
        raise ImproperlyConfigured(
            f"DATABASE_URL cannot be read ({error}): write sqlite:///path/to/file or postgresql://user@host/name."
        ) from None
    options = database.setdefault("OPTIONS", {})
    if database["ENGINE"].endswith("sqlite3"):
        database["ENGINE"] = "config.sqlite"
        options.update(SQLITE_OPTIONS)
    elif database["ENGINE"].endswith("postgresql"):
        options["options"] = " ".join(filter(None, [POSTGRESQL_LIMITS, options.get("options")]))
        database.update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
    else:
        raise ImproperlyConfigured("DATABASE_URL is for an unsupported database: use SQLite or PostgreSQL.")
    return database
