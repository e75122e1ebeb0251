"""The Django app of the installation: its commands, the table of the cache, and a check of what workers share."""

from django.apps import AppConfig
from django.core import checks


class InstallationConfig(AppConfig):
    name = "config"
    due = ("config.cache.forget_expired",)

    def ready(self) -> None:
        from config.checks import check_cache

        checks.register(check_cache, checks.Tags.caches)
