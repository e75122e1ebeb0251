"""A command line beside the server: adds to the counter, as often as it is told, and says how long each waited."""

import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

if __name__ == "__main__":
    for _ in range(int(sys.argv[1])):
        started = time.perf_counter()
        with transaction.atomic():
            sys.stdout.write(f"{time.perf_counter() - started}\n")
            with connection.cursor() as cursor:
                cursor.execute("UPDATE counter SET value = value + 1")
