"""Multipart forms as browsers and attackers send them."""

from typing import Any

from django.http import HttpResponse

from tests.api.callers import Caller

FORM = "multipart/form-data; boundary=between"


def part(field: str, content: bytes, name: str | None = None) -> bytes:
    """A part of a form, with the name unescaped, as attackers send it."""
    file = "" if name is None else f'; filename="{name}"'
    head = f'--between\r\nContent-Disposition: form-data; name="{field}"{file}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def send_form(caller: Caller, path: str, *parts: bytes, key: str | None = None) -> HttpResponse:
    return send_raw(caller, path, b"".join(parts) + b"--between--\r\n", FORM, key=key)


def send_raw(
    caller: Caller, path: str, content: bytes, content_type: str, key: str | None = None, **more: Any
) -> HttpResponse:
    headers = {"Authorization": f"Bearer {caller.token}"} if caller.token else {}
    headers |= {"Idempotency-Key": key} if key else {}
    return caller.client.generic("POST", path, content, content_type, headers=headers, **more)


def send_file(caller: Caller, path: str, content: bytes, name: str, key: str | None = None) -> HttpResponse:
    return send_form(caller, path, part("file", content, name), key=key)
