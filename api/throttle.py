"""One limiter for both surfaces: counts per scope, caller and window, by the cache's atomic add and incr.

Exact where all workers share the cache, or there is one process. Rates are `settings.COMITY_THROTTLES`.
"""

import hashlib
import ipaddress
import time
from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from api.forwarded import read_address
from api.problems import Problem

_SECONDS: Final[Mapping[str, int]] = {"s": 1, "min": 60, "hour": 3600}


def take_turn(scope: str, caller: str) -> None:
    """Counts one request; the one above the rate is refused with the seconds until the next window."""
    limit, period = read_rate(scope)
    now = time.time()
    window = int(now // period)
    who = hashlib.sha256(caller.encode("utf-8", "surrogatepass")).hexdigest()
    if _count(f"throttle:{scope}:{who}:{window}", period) > limit:
        wait = int((window + 1) * period - now) + 1
        raise Problem("throttled", f"Please wait {wait} s.", headers={"Retry-After": str(wait)})


def read_rate(scope: str) -> tuple[int, int]:
    """Requests and seconds of a rate such as `60/min`."""
    count, _, unit = settings.COMITY_THROTTLES[scope].partition("/")
    return int(count), _SECONDS[unit]


def client_address(request: HttpRequest) -> str:
    """The network that one client can be counted by: an IPv4 address, or an IPv6 /64."""
    address = read_address(request.META.get("REMOTE_ADDR", ""))
    if address is None:
        return "unknown"
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def _count(key: str, period: int) -> int:
    cache.add(key, 0, timeout=2 * period)
    try:
        return cache.incr(key)
    except ValueError:  # evicted between the two
        return 1
