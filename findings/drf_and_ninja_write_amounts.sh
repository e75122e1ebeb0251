#!/usr/bin/env bash
# djangorestframework 3.18.3 beside django-ninja 1.7.1 (Python 3.11): an amount that is no serializer's field becomes a float.
#
# DRF's serializers write a Decimal as text, so that no digit is lost. A Decimal that reaches `Response` in a plain dict, as
# computed answers do, goes to the JSON renderer instead, and that writes a float: 12345678901234567.89 loses its cents
# and its last digit. Ninja writes the digits, as text. A duration differs as well: seconds in DRF, ISO 8601 in Ninja, and
# Ninja cuts a moment to milliseconds.
#
# Seen:
#   DRF: {"amount":1.2345678901234568e+16,"lasts":"93600.0","at":"2026-01-01T00:00:00.123456Z"}
#   Ninja: {"amount": "12345678901234567.89", "lasts": "P1DT02H00M00S", "at": "2026-01-01T00:00:00.123Z"}
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check django==5.2.19 djangorestframework==3.18.3 django-ninja==1.7.1
cat >try.py <<'PYTHON'
import datetime
from decimal import Decimal

import django
from django.conf import settings

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="unused",
                   REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": [], "UNAUTHENTICATED_USER": None})
django.setup()
from django.test import Client
from django.urls import path
from ninja import NinjaAPI
from rest_framework.decorators import api_view
from rest_framework.response import Response

ANSWER = {"amount": Decimal("12345678901234567.89"), "lasts": datetime.timedelta(days=1, hours=2),
          "at": datetime.datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=datetime.UTC)}
ninja = NinjaAPI()


@ninja.get("/answer")
def by_ninja(request):
    return ANSWER


@api_view(["GET"])
def by_drf(request):
    return Response(ANSWER)


urlpatterns = [path("ninja/", ninja.urls), path("drf/answer", by_drf)]
for name in ("DRF", "Ninja"):
    print(f"{name}: {Client().get(f'/{name.lower()}/answer').text}")
PYTHON
venv/bin/python try.py | tee seen
diff seen - <<'SEEN'
DRF: {"amount":1.2345678901234568e+16,"lasts":"93600.0","at":"2026-01-01T00:00:00.123456Z"}
Ninja: {"amount": "12345678901234567.89", "lasts": "P1DT02H00M00S", "at": "2026-01-01T00:00:00.123Z"}
SEEN
