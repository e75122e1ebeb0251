"""The Django app of the accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "marketplace.accounts"
    erases = ("marketplace.accounts.erasure.blank_account",)
    due = (
        "marketplace.accounts.erasure.erase_waiting",
        "marketplace.accounts.services.forget_resets",
        "marketplace.accounts.services.forget_sessions",
    )
