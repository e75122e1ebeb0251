"""The `comity` command."""

import sys
from importlib import import_module

import typer

MODULES = {"list": "check", "explain": "decide", "changes": "versions"} | {
    name: name
    for name in (
        *("batch", "cases", "check", "decide", "diff", "fmt", "handbook"),
        *("mutate", "new", "prove", "release", "schema", "sql", "test", "versions"),
    )
}
"""The module of each command."""


def commands() -> typer.Typer:
    """The app with every command."""
    return _app_with(*MODULES.values())


def _app_with(*modules: str) -> typer.Typer:
    for module in modules:
        import_module(f"engine.cli.{module}")  # adds its commands
    from engine.cli.app import app

    return app


def main() -> None:
    """The console script. It imports only the command that is named, since others need much more than it."""
    named = MODULES.get(sys.argv[1]) if len(sys.argv) > 1 else None
    (_app_with(named) if named else commands())()
