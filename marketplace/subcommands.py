"""Subcommands of `manage.py`; see `decisions.subcommands`."""

from decisions.subcommands import Subcommand

__all__ = ["Subcommand"]
