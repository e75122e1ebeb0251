"""The Django app of the disputes."""

from decisions.triggers import GuardedAppConfig
from marketplace.disputes.triggers import TRIGGERS


class DisputesConfig(GuardedAppConfig):
    name = "marketplace.disputes"
    default = True
    policies = ("disputes", "retention")
    triggers = TRIGGERS
