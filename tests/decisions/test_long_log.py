"""A log of a million records is verified in the memory that a short one needs."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from decisions.chain import seal_log
from decisions.models import DecisionRecord
from decisions.signing import write_new_key
from tests.many_rows import allow_long_statements

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
MEBIBYTE = 1024
"""In kB, as the kernel counts."""
APART = 30 * MEBIBYTE
FILL = """
    WITH RECURSIVE numbers(i) AS (SELECT %s UNION ALL SELECT i + 1 FROM numbers WHERE i < %s)
    INSERT INTO decisions_decisionrecord
        (policy, version, revision, digest, outcome, rule, subject_kind, subject_id, facts, answer, duration_us,
         request_id, decided_at)
    SELECT 'entry', 1, 0, 'sha256:0', 'allow', 'members', 'lamp', i, '{"member":true,"score":' || i || '.5}',
        '{"outputs":{"n":' || i || '}}', 1, '', %s
    FROM numbers
"""
VERIFY = """
import json, django
django.setup()
from decisions.signing import own_public_key
from decisions.verifying import verify_log
from tests.memory import kilobytes
verified = verify_log(key=own_public_key())
print(json.dumps([verified.count, verified.problems, kilobytes("VmHWM")]))
"""
"""Reports the peak of its resident memory."""


@pytest.mark.full
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.django_db(transaction=True)
def test_memory_does_not_grow_with_the_log(database_url: str, tmp_path: Path, settings: Any) -> None:
    write_new_key(tmp_path / "log.key")
    settings.COMITY_LOG_KEY = tmp_path / "log.key"
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "COMITY_LOG_KEY": str(tmp_path / "log.key"),
        "COMITY_LOG_LEVEL": "ERROR",
    }
    peaks = {}
    filled = 0
    for total in (10_000, 1_000_000):
        with transaction.atomic(), connection.cursor() as cursor:
            allow_long_statements()
            cursor.execute(FILL, [filled + 1, total, NOW])
        filled = total
        assert DecisionRecord.objects.count() == total
        seal_log(now=NOW)
        ran = subprocess.run([sys.executable, "-c", VERIFY], env=environment, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        count, problems, peaks[total] = json.loads(ran.stdout)
        assert (count, problems) == (total, [])
    sys.stdout.write(f"peak of the resident memory in kB by records: {peaks}\n")
    assert peaks[1_000_000] < peaks[10_000] + APART
