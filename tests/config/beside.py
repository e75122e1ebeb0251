"""A command next to the server: increments the counter the given number of times, and reports when it has started."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

if __name__ == "__main__":
    for _ in range(int(sys.argv[1])):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE counter SET value = value + 1")
        sys.stdout.write("added\n")
        sys.stdout.flush()
