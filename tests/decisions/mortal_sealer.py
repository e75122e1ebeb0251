"""Run as a program with a number of kills: seals the log in child processes, each killed one step later than the one before. When
one survives, more records come and the steps begin again. Prints the number of records."""

import sys

from tests.marketplace.mortal import Points, in_a_child

from django.db import connection  # isort: skip

from decisions import chain  # isort: skip
from tests.decisions.log import NOW, fill  # isort: skip

RECORDS = 10
"""In each round: four heads."""


def seal_and_die(deadly: int) -> int:
    points = Points(deadly)
    commit = connection._commit
    connection._commit = lambda: points.around(commit)
    chain.MOST = chain.CHUNK = 3  # type: ignore[misc]
    with connection.execute_wrapper(lambda execute, *call: points.around(execute, *call)):
        return chain.seal_log(now=NOW)


def main(kills: int) -> int:
    records = point = 0
    while kills > 0:
        if point == 0:
            fill(RECORDS)
            records += RECORDS
            connection.close()  # a child must not share it
        if in_a_child(seal_and_die, point) is None:
            kills, point = kills - 1, point + 1
        else:
            point = 0
    in_a_child(seal_and_die, -1)
    return records


if __name__ == "__main__":
    sys.stdout.write(str(main(int(sys.argv[1]))))
