"""Where dispute media is stored: a local folder, or an S3 bucket if one is set."""

from typing import Any

from config.environment import Environment


def configure_evidence(environment: Environment) -> dict[str, Any]:
    """For Django's STORAGES."""
    if not environment.s3_bucket:
        return {
            "BACKEND": "marketplace.disputes.storage.files.EvidenceFiles",
            "OPTIONS": {"location": environment.evidence_dir},
        }
    return {
        "BACKEND": "marketplace.disputes.storage.bucket.EvidenceBucket",
        "OPTIONS": {
            "bucket_name": environment.s3_bucket,
            "endpoint_url": environment.s3_endpoint_url,
            "region_name": environment.s3_region,
            # None: botocore then uses AWS's defaults, such as the role of the machine.
            "access_key": environment.s3_access_key.get_secret_value() or None,
            "secret_key": environment.s3_secret_key.get_secret_value() or None,
            "encryption": environment.s3_encryption,
            "seconds": environment.s3_seconds,
        },
    }
