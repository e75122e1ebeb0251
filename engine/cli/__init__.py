"""The `comity` command."""


def main() -> None:
    """The console script."""
    from engine.cli import check, decide, fmt, mutate, new, release, schema, test, versions  # noqa: F401 - each adds its commands
    from engine.cli.app import app

    app()
