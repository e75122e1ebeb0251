"""Django's `flush`, which deletes every row; refused while a server or another command uses the database."""

from django.core.management.commands import flush

from config.alone import InUse, alone


class Command(flush.Command):
    def run_from_argv(self, argv: list[str]) -> None:
        """Only from the command line: Django's tests call `handle` to empty their own database."""
        try:
            with alone():
                super().run_from_argv(argv)
        except InUse as in_use:
            self.stderr.write(f"CommandError: {in_use}\nhint: {in_use.hint}")
            raise SystemExit(1) from None
