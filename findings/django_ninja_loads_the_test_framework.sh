#!/usr/bin/env bash
# django-ninja 1.7.1 (Django 5.2.19, Python 3.11): importing it loads Django's test framework into the process that serves.
#
# `ninja.conf` listens for `setting_changed`, which it takes from `django.test.signals`. That runs `django/test/__init__.py`, so
# the test client, the live server's threads, `unittest` and `http.server` are in memory of every worker. The signal itself
# lives in `django.core.signals`, which loads nothing. A check that production loads no test code cannot hold, and lazy imports
# of our own that avoid `django.test` save nothing.
#
# Seen:
#   before: nothing
#   after: django.test, django.test.client, django.test.testcases, unittest, unittest.mock
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check django==5.2.19 django-ninja==1.7.1

cat > "$folder/serve.py" <<'PYTHON'
import sys

import django
from django.conf import settings

WATCHED = ("django.test", "django.test.client", "django.test.testcases", "unittest", "unittest.mock")


def loaded():
    return ", ".join(name for name in WATCHED if name in sys.modules) or "nothing"


settings.configure()
django.setup()
print("before:", loaded())
import ninja

print("after:", loaded())
PYTHON
seen=$("$folder/venv/bin/python" "$folder/serve.py")
echo "$seen"
test "$seen" = "before: nothing
after: django.test, django.test.client, django.test.testcases, unittest, unittest.mock"
