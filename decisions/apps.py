"""The Django app of the door: its checks and its table's triggers."""

from django.core import checks

from decisions.triggers import GuardedAppConfig, append_only


class DecisionsConfig(GuardedAppConfig):
    name = "decisions"
    default = True
    erases = ("decisions.records.drop_pseudonym_key",)
    triggers = append_only("decisions_decisionrecord")

    def ready(self) -> None:
        from decisions.checks import check_folders, check_policies, check_triggers

        super().ready()
        checks.register(check_policies)
        checks.register(check_folders)
        checks.register(check_triggers, checks.Tags.database)
