from typing import Any

from django.db import migrations

MAKE = """
    CREATE {kind} TABLE comity_cache (
        key varchar(255) NOT NULL PRIMARY KEY,
        value text NOT NULL,
        expires_at double precision NOT NULL
    )
"""
INDEX = "CREATE INDEX comity_cache_expires_at ON comity_cache (expires_at)"
DROP = "DROP TABLE comity_cache"


def make(_apps: Any, schema_editor: Any) -> None:
    # On PostgreSQL nothing in it is worth a wait for the disk: after a crash, counting starts anew.
    kind = "UNLOGGED" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(MAKE.format(kind=kind))
    schema_editor.execute(INDEX)


def drop(_apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(DROP)


class Migration(migrations.Migration):
    """A table rather than a model: `config.cache` says all of its statements itself."""

    initial = True
    dependencies = []
    operations = [migrations.RunPython(make, drop)]
