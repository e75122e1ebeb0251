"""The Django app of the installation: its commands, its checks, and the cache table."""

from django.apps import AppConfig


class InstallationConfig(AppConfig):
    name = "config"
    due = ("config.cache.forget_expired",)

    def ready(self) -> None:
        from config import checks  # noqa: F401
