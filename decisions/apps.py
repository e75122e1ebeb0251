"""The Django app: its checks and triggers."""

from django.core import checks

from decisions.triggers import GuardedAppConfig, Trigger, append_only, no_replace, unchanged

COVERED = "EXISTS (SELECT 1 FROM decisions_logcheckpoint WHERE "
PRUNED = COVERED + "upto >= OLD.id)"
PRUNED_HEAD = COVERED + "number > OLD.number)"
ANOTHER_HEAD = " OR ".join(
    f"NEW.{column} <> OLD.{column}"
    for column in ("id", "number", "upto", "count", "link", "made_at", "key", "signature")
)


class DecisionsConfig(GuardedAppConfig):
    name = "decisions"
    default = True
    default_auto_field = "django.db.models.BigAutoField"  # whatever the host project's default is
    due = ("decisions.chain.seal_log", "decisions.replay.replay_nightly")
    erases = ("decisions.records.drop_pseudonym_key",)
    triggers = (
        *append_only("decisions_decisionrecord", unless=PRUNED),
        *append_only("decisions_policydocument"),
        *append_only("decisions_policybundle"),
        unchanged("decisions_sealedfacts"),
        no_replace("decisions_sealedfacts"),
        *append_only("decisions_logcheckpoint"),
        Trigger(
            "decisions_loghead_no_update",
            "decisions_loghead",
            "UPDATE",
            "a head is only sent",
            when=ANOTHER_HEAD,
        ),
        *append_only("decisions_loghead", unless=PRUNED_HEAD)[1:],
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
