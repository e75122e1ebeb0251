"""An event handler that appends what it was given to the file named in the environment."""

import os
import signal
from pathlib import Path

from marketplace.outbox.models import OutboxEvent

VARIABLE = "COMITY_TEST_DELIVERIES"
NOTE = f"{__name__}.note"
FAIL = f"{__name__}.fail"
DIE = f"{__name__}.note_and_die"


def note(event: OutboxEvent) -> None:
    with Path(os.environ[VARIABLE]).open("a") as file:
        file.write(f"{event.dedup}\n")


def fail(event: OutboxEvent) -> None:
    raise ConnectionError("nobody there")


def note_and_die(event: OutboxEvent) -> None:
    note(event)
    os.kill(os.getpid(), signal.SIGKILL)
