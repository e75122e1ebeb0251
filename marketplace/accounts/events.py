"""The kinds of events that accounts put into the outbox. Nothing is imported here: app configurations name them."""

from typing import Final

RESET_ASKED: Final = "password-reset.asked"
