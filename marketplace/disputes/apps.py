"""The Django app of the disputes."""

from decisions.triggers import GuardedAppConfig
from marketplace.disputes.triggers import TRIGGERS


class DisputesConfig(GuardedAppConfig):
    name = "marketplace.disputes"
    default = True
    policies = ("disputes", "retention")
    lists = (
        "marketplace.disputes.facts.MEDIA_DUE",
        "marketplace.disputes.facts.MEDIA_LEFT",
        "marketplace.disputes.facts.REOPENABLE",
    )
    due = ("marketplace.disputes.retention.daily.sweep_daily",)
    erases = ("marketplace.disputes.erasure.blank_disputes",)
    holds_erasure = ("marketplace.disputes.erasure.disputes_under_way",)
    triggers = TRIGGERS
