"""The Django app with the console's templates and static files."""

from django.apps import AppConfig

from marketplace.accounts.events import RESET_ASKED


class ConsoleConfig(AppConfig):
    name = "console"
    outbox = {RESET_ASKED: "console.reset_mail.send_links"}
