"""The Django app: its checks and triggers."""

from django.core import checks

from decisions.triggers import GuardedAppConfig, append_only, no_replace, unchanged


class DecisionsConfig(GuardedAppConfig):
    name = "decisions"
    default = True
    default_auto_field = "django.db.models.BigAutoField"  # whatever the host project's default is
    erases = ("decisions.records.drop_pseudonym_key",)
    triggers = (
        *append_only("decisions_decisionrecord"),
        *append_only("decisions_policydocument"),
        *append_only("decisions_policybundle"),
        unchanged("decisions_sealedfacts"),
        no_replace("decisions_sealedfacts"),
    )

    def ready(self) -> None:
        from decisions.checks import (
            check_databases,
            check_folders,
            check_policies,
            check_settings,
            check_triggers,
        )

        super().ready()
        for check in (check_settings, check_policies, check_folders):
            checks.register(check)
        for check_of_databases in (check_databases, check_triggers):
            checks.register(check_of_databases, checks.Tags.database)
