#!/usr/bin/env bash
# djangorestframework 3.18.3 beside django-ninja 1.7.1 with pydantic 2.14.4 (Python 3.11): one text, two durations.
#
# A service that offers both reads "24:00" as 24 minutes in a DRF DurationField (minutes and seconds, as Django does) and as
# 24 hours in a Ninja schema (hours and minutes, as pydantic does). Neither refuses. An ISO month, "P1M", is 30 days to
# pydantic and refused by DRF. A time with an offset, "14:30:00+01:00", keeps it in pydantic; DRF drops it without a word.
# "1 02:00:00" is Django's own form, which pydantic refuses, so what DRF writes is not always what Ninja reads.
#
# Seen:
#   duration 24:00: DRF 0:24:00, Ninja 1 day, 0:00:00
#   duration 24:00:00: DRF 1 day, 0:00:00, Ninja 1 day, 0:00:00
#   duration P1M: DRF refuses, Ninja 30 days, 0:00:00
#   duration 1 02:00:00: DRF 1 day, 2:00:00, Ninja refuses
#   time 14:30:00+01:00: DRF 14:30:00, Ninja 14:30:00+01:00
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check django==5.2.19 djangorestframework==3.18.3 django-ninja==1.7.1 \
    pydantic==2.14.4
cat >try.py <<'PYTHON'
import datetime

import django
import pydantic
from django.conf import settings

settings.configure(USE_TZ=True)
django.setup()
from ninja import Schema
from rest_framework import serializers


class InDrf(serializers.Serializer):
    duration = serializers.DurationField(required=False)
    time = serializers.TimeField(required=False)


class InNinja(Schema):
    duration: datetime.timedelta | None = None
    time: datetime.time | None = None


def read_by_drf(name, text):
    asked = InDrf(data={name: text})
    return asked.validated_data[name] if asked.is_valid() else "refuses"


def read_by_ninja(name, text):
    try:
        return getattr(InNinja.model_validate_json(f'{{"{name}": "{text}"}}'), name)
    except pydantic.ValidationError:
        return "refuses"


texts = [("duration", text) for text in ("24:00", "24:00:00", "P1M", "1 02:00:00")] + [("time", "14:30:00+01:00")]
for name, text in texts:
    print(f"{name} {text}: DRF {read_by_drf(name, text)}, Ninja {read_by_ninja(name, text)}")
PYTHON
venv/bin/python try.py | tee seen
diff seen - <<'SEEN'
duration 24:00: DRF 0:24:00, Ninja 1 day, 0:00:00
duration 24:00:00: DRF 1 day, 0:00:00, Ninja 1 day, 0:00:00
duration P1M: DRF refuses, Ninja 30 days, 0:00:00
duration 1 02:00:00: DRF 1 day, 2:00:00, Ninja refuses
time 14:30:00+01:00: DRF 14:30:00, Ninja 14:30:00+01:00
SEEN
