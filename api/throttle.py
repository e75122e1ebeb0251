"""Rate limiting for both surfaces: counts per scope, caller and window, with the cache's atomic add and incr.

Exact, since workers share the cache. If Redis is down, each worker counts alone: rates a few times too high are better than
refusing everybody. Rates are in `settings.COMITY_THROTTLES`.
"""

import hashlib
import ipaddress
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import structlog
from django.conf import settings
from django.core.cache import cache, caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.redis import RedisCache
from django.http import HttpRequest

from api.forwarded import read_address
from api.problems import Problem

log = structlog.get_logger(__name__)

_REDIS_PAUSE_SECONDS: Final = 5
_SECONDS: Final[Mapping[str, int]] = {"s": 1, "min": 60, "hour": 3600}


def enforce_rate(scope: str, caller: str) -> None:
    """Count one request. Refuses a request above the rate with the seconds until the next window."""
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
    """The network to count a client by: an IPv4 address, or an IPv6 /64."""
    address = read_address(request.META.get("REMOTE_ADDR", ""))
    if address is None:
        return "unknown"
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def shared_problem() -> str | None:
    """Why workers do not share their rate counts, or None."""
    if not isinstance(caches["default"], RedisCache) or _count_shared("readyz", 60) is not None:
        return None
    return "Redis does not answer: each worker counts rates on its own"


def _count(key: str, period: int) -> int:
    counted = _count_shared(key, period)
    return count_in(caches["alone"], key, period) if counted is None else counted


def _count_shared(key: str, period: int) -> int | None:
    """None while Redis is down."""
    now = time.monotonic()
    if now < _redis.back_at:
        return None
    try:
        return count_in(cache, key, period)
    except _redis_error() as error:
        _redis.back_at = now + _REDIS_PAUSE_SECONDS
        log.warning("rates_counted_alone", reason=str(error), seconds=_REDIS_PAUSE_SECONDS)
        return None


def count_in(store: BaseCache, key: str, period: int) -> int:
    while True:
        with suppress(ValueError):  # the first request in this window
            return store.incr(key)
        if store.add(key, 1, timeout=2 * period):
            return 1


def _redis_error() -> type[Exception]:
    """Imported only once something has failed: the import is slow, and every command and worker would pay for it."""
    from redis import RedisError

    return RedisError


class _Redis:
    back_at = 0.0


_redis: Final = _Redis()
