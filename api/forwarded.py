"""Reads the client's address and scheme from proxy headers, but only from proxies listed in COMITY_TRUSTED_PROXIES."""

import ipaddress
from collections.abc import Callable, Iterator, MutableMapping
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

UNIX: Final = "unix"
"""A proxy that connects through a Unix socket, which has no address."""


class ForwardedMiddleware:
    """The outermost middleware: behind it, REMOTE_ADDR and the scheme are the client's. Nothing else reads forwarded headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        believe_proxies(request.META)
        return self.get_response(request)


def believe_proxies(environ: MutableMapping[str, Any]) -> None:
    proxies = tuple(settings.COMITY_TRUSTED_PROXIES)
    if not proxies or not _is_trusted(environ.get("REMOTE_ADDR", ""), proxies):
        return
    environ["REMOTE_ADDR"] = _client(environ, proxies)
    scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
    if scheme in {"http", "https"}:
        environ["wsgi.url_scheme"] = scheme


def read_address(written: str) -> Address | None:
    """Converts an IPv4-mapped IPv6 address to IPv4."""
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _client(environ: MutableMapping[str, Any], proxies: tuple[str, ...]) -> str:
    """The last hop that is not one of our proxies. Anything before it may be forged."""
    nearest: str = environ.get("REMOTE_ADDR", "")
    for hop in _hops(environ.get("HTTP_X_FORWARDED_FOR", "")):
        if hop is None:
            break
        nearest = str(hop)
        if not _is_trusted(nearest, proxies):
            break
    return nearest


def _hops(written: str) -> Iterator[Address | None]:
    """Last hop first. Some proxies append a port."""
    for hop in reversed(written.split(",") if written else []):
        text = hop.strip()
        if text.startswith("["):
            text = text[1:].partition("]")[0]
        elif text.count(":") == 1:
            text = text.partition(":")[0]
        yield read_address(text)


def _is_trusted(written: str, proxies: tuple[str, ...]) -> bool:
    if not written:
        return UNIX in proxies
    address = read_address(written)
    return address is not None and any(address in network for network in _networks(proxies))


@lru_cache(maxsize=8)
def _networks(proxies: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(proxy) for proxy in proxies if proxy != UNIX)
