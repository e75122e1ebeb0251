"""A process that counts in the shared cache: `python -m tests.config.counting HOW KEY TIMES`.

Starts when it reads a line, and prints its count. HOW is `count`, as throttles do, or `naive`: read, then write.
"""

import os
import sys
import time
from typing import Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.core.cache import cache  # noqa: E402

from api.throttle import count_in  # noqa: E402


def count(key: str) -> int:
    return count_in(cache, key, 3600)


def naive(key: str) -> int:
    counted: int = cache.get(key, 0) + 1
    time.sleep(0.001)
    cache.set(key, counted)
    return counted


HOW: Final = {"count": count, "naive": naive}

if __name__ == "__main__":
    _, how, key, times = sys.argv
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for _ in range(int(times)):
        sys.stdout.write(f"{HOW[how](key)}\n")
