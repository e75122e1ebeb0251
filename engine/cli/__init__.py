"""The `comity` command."""


def main() -> None:
    """The console script."""
    from engine.cli import (  # noqa: F401 - each adds its commands
        cases,
        check,
        decide,
        diff,
        fmt,
        mutate,
        new,
        prove,
        release,
        schema,
        test,
        versions,
    )
    from engine.cli.app import app

    app()
