"""Announces the deprecation of the assistant's DRF surface, but only if a parity report proves that the Ninja surface is
equivalent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

from api.parity.report import UnreadableReport, contract_digests, read_report

DRF: Final = "/assistant/"
NINJA: Final = "/assistant/ninja/"


@dataclass(frozen=True, slots=True)
class Deprecation:
    """`since` is when the report was made."""

    since: datetime
    sunset: datetime

    def headers_for(self, path: str) -> dict[str, str]:
        """The headers of RFC 9745 and RFC 8594, and a link to the successor."""
        successor = quote(NINJA + path.removeprefix(DRF))  # a path must not be able to inject a header
        return {
            "Deprecation": f"@{int(self.since.timestamp())}",
            "Sunset": format_datetime(self.sunset, usegmt=True),
            "Link": f'<{successor}>; rel="successor-version"',
        }


def deprecation() -> Deprecation | None:
    """None if the settings do not mention it. Raises ImproperlyConfigured if they announce it without proof."""
    return _proven(
        settings.ASSISTANT_PARITY_REPORT, settings.ASSISTANT_SUNSET, settings.ASSISTANT_PARITY_REQUESTS
    )


@cache
def _proven(report: Path | None, sunset: date | None, requests: int) -> Deprecation | None:
    if report is None and sunset is None:
        return None
    if report is None or sunset is None:
        raise _unproven(
            "COMITY_ASSISTANT_PARITY_REPORT and COMITY_ASSISTANT_SUNSET belong together: set both or none"
        )
    try:
        proof = read_report(report)
    except UnreadableReport as error:
        raise _unproven(f"of the report {report}, {error}") from None
    ends_at = datetime(sunset.year, sunset.month, sunset.day, tzinfo=UTC)
    if proof.differences:
        raise _unproven(f"differences in the report {report}: {proof.differences:,}")
    if proof.requests < requests:
        raise _unproven(
            f"the report {report} covers {proof.requests:,} requests, and {requests:,} are required"
        )
    if proof.contracts != contract_digests() or len(set(proof.contracts.values())) != 1:
        raise _unproven(f"the report {report} is for a different contract: run `manage.py parity` again")
    if ends_at <= proof.made_at:
        raise _unproven(f"COMITY_ASSISTANT_SUNSET {sunset} is earlier than the report {report}")
    return Deprecation(proof.made_at, ends_at)


def _unproven(why: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"The DRF surface of the assistant cannot be announced as deprecated: {why}.")


class DeprecationMiddleware:
    """Checks the proof when the service starts, so a service with an unproven claim does not start."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        deprecation()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        notice = deprecation()
        if notice is not None and _is_drf(request.path):
            for name, value in notice.headers_for(request.path).items():
                response.headers[name] = value
        return response


def _is_drf(path: str) -> bool:
    return path.startswith(DRF) and not path.startswith(NINJA) and path != DRF + "demo"
