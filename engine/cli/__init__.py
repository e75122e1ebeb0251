"""The `comity` command."""

import typer


def commands() -> typer.Typer:
    """The app with every command."""
    from engine.cli import (  # noqa: F401 - each adds its commands
        cases,
        check,
        decide,
        diff,
        fmt,
        handbook,
        mutate,
        new,
        prove,
        release,
        schema,
        test,
        versions,
    )
    from engine.cli.app import app

    return app


def main() -> None:
    """The console script."""
    commands()()
