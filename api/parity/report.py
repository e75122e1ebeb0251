"""The report of a comparison, as a file that a setting can point to."""

import json
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from api.contract.base import AnswerBody
from api.contract.fields import Moment
from api.parity.comparing import SHOWN, Compared
from api.parity.contracts import contracts, digest_of

VERSION: Final = 1


class Report(AnswerBody):
    """`differences` is their total number, `shown` the first few. `contracts` holds a digest per surface."""

    version: int
    made_at: Moment
    corpus: int
    generated: int
    seed: int
    requests: int
    statuses: dict[str, int]
    differences: int
    shown: list[str]
    contracts: dict[str, str]


class UnreadableReport(Exception):
    """Says in one sentence why a file is not a report."""


def contract_digests() -> dict[str, str]:
    return {surface: digest_of(contract) for surface, contract in contracts().items()}


def write_report(
    path: Path, compared: Compared, *, corpus: int, generated: int, seed: int, now: datetime
) -> Report:
    report = Report(
        version=VERSION,
        made_at=now,
        corpus=corpus,
        generated=generated,
        seed=seed,
        requests=compared.requests,
        statuses={str(status): count for status, count in compared.statuses.items()},
        differences=len(compared.differences),
        shown=compared.differences[:SHOWN],
        contracts=contract_digests(),
    )
    text = json.dumps(report.model_dump(mode="json"), indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    return report


def read_report(path: Path) -> Report:
    """Raises UnreadableReport."""
    try:
        return Report.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UnreadableReport(f"it cannot be read ({(error.strerror or 'unknown error').lower()})") from None
    except ValidationError:
        raise UnreadableReport("it is not a report of `manage.py parity`") from None
