"""The `comity` command."""


def main() -> None:
    """The console script."""
    from engine.cli import cases, check, decide, diff, fmt, mutate, new, prove, release, schema, test  # noqa: F401 - each adds its commands
    from engine.cli.app import app

    app()
