"""The evidence storage follows from the environment."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment, read_environment
from config.evidence import configure_evidence


def test_evidence_is_local_where_no_bucket_is_named():
    kept = configure_evidence(Environment(evidence_dir=Path("/data/evidence")))
    assert kept == {
        "BACKEND": "marketplace.disputes.storage.files.EvidenceFiles",
        "OPTIONS": {"location": Path("/data/evidence")},
    }


def test_bucket_takes_its_place_with_the_credentials_of_the_machine():
    kept = configure_evidence(Environment(s3_bucket="evidence", s3_region="eu-central-1"))
    assert kept == {
        "BACKEND": "marketplace.disputes.storage.bucket.EvidenceBucket",
        "OPTIONS": {
            "bucket_name": "evidence",
            "endpoint_url": None,
            "region_name": "eu-central-1",
            "access_key": None,
            "secret_key": None,
            "encryption": "",
            "seconds": 6,
        },
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COMITY_SCANNER", "clamav"),
        ("COMITY_SCANNER", "tcp://host"),
        ("COMITY_S3_SECONDS", "0"),
        ("COMITY_S3_ENCRYPTION", "rot13"),
        ("COMITY_THROTTLE_UPLOAD", "many"),
    ],
)
def test_invalid_value_is_reported_with_its_variable(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        read_environment()
