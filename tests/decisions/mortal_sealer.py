"""Run as a program: seals the log in child processes, each killed one step later than the one before, until one survives. Prints
the number of children."""

import sys

from tests.marketplace.mortal import Points, in_a_child

from django.db import connection  # isort: skip

from decisions import chain  # isort: skip
from tests.decisions.upgraded import NOW  # isort: skip


def seal_and_die(deadly: int) -> int:
    points = Points(deadly)
    commit = connection._commit
    connection._commit = lambda: points.around(commit)
    chain.MOST = chain.CHUNK = 3  # type: ignore[misc]
    with connection.execute_wrapper(lambda execute, *call: points.around(execute, *call)):
        return chain.seal_log(now=NOW)


if __name__ == "__main__":
    children = 1
    while in_a_child(seal_and_die, children - 1) is None:
        children += 1
    sys.stdout.write(str(children))
