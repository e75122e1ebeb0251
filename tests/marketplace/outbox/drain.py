"""A process that delivers events on request: `python -m tests.marketplace.outbox.drain HANDLER`."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from marketplace.outbox.delivery import deliver_events  # noqa: E402

if __name__ == "__main__":
    apps.get_app_config("outbox").outbox = {"order.completed": sys.argv[1]}
    connection.ensure_connection()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(f"{deliver_events(now=timezone.now())}\n")
