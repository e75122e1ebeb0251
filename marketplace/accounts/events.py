"""Outbox events of accounts. Imports nothing, since app configurations use it."""

from typing import Final

RESET_ASKED: Final = "password-reset.asked"
