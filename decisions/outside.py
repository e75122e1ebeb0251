"""Keeps heads of the log outside the database, where nobody who can change the records can change them."""

import json
import os
import urllib.request
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

from decisions import conf
from decisions.logs import get_logger
from decisions.models import LogHead
from decisions.signing import statement_of

log = get_logger(__name__)

SECONDS: Final = 10
LONGEST_LINE: Final = 4_096


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A followed redirect turns the POST into a GET without the head, and looks like success."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER: Final = urllib.request.build_opener(_NoRedirects)


def send_newest_head() -> None:
    """The newest head covers the earlier ones. What cannot be sent is tried again with the next call."""
    target = conf.log_heads()
    if not target:
        return
    head = LogHead.objects.order_by("-number").first()
    if head is None or head.sent_at is not None:
        return
    try:
        _send(target, describe(head))
    except (OSError, ValueError, HTTPException) as error:
        log.error("log_head_not_kept", number=head.number, error=str(error))
        return
    LogHead.objects.filter(pk=head.pk).update(sent_at=datetime.now(UTC))


def last_sent_head() -> LogHead | None:
    """As the database has it; it may have been altered."""
    return LogHead.objects.exclude(sent_at=None).order_by("-number").first()


def describe(head: LogHead) -> dict[str, Any]:
    return statement_of(head) | {"key": head.key, "signature": head.signature}


def _send(target: str, said: dict[str, Any]) -> None:
    text = json.dumps(said) + "\n"
    if target.startswith(("https://", "http://")):
        request = urllib.request.Request(
            target, text.encode(), {"Content-Type": "application/json"}, method="POST"
        )
        with _OPENER.open(request, timeout=SECONDS):
            return
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def read_last_head(file: Path) -> dict[str, Any]:
    """The last head of a file that heads were kept in. Raises ValueError with a sentence for people."""
    try:
        with file.open("rb") as lines:
            lines.seek(max(0, lines.seek(0, os.SEEK_END) - 2 * LONGEST_LINE))
            said = json.loads(lines.read().splitlines()[-1])
        return {
            name: said[name] for name in ("number", "upto", "count", "link", "made_at", "signature", "kind")
        }
    except OSError as error:
        raise ValueError(f"`{file}` cannot be read: {(error.strerror or 'unknown error').lower()}") from None
    except (ValueError, IndexError, KeyError, TypeError):
        raise ValueError(f"the last line of `{file}` is not a head of the log") from None
