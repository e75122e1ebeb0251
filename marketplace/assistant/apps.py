"""The Django app of the assistant, with the policies it requires."""

from django.core import checks

from decisions.triggers import GuardedAppConfig
from marketplace.moderation.apps import keeps_its_item


class AssistantConfig(GuardedAppConfig):
    name = "marketplace.assistant"
    default = True
    policies = ("assistant_session", "inbox_title", "moderation_profiles")
    reads = ("assistant",)
    erases = ("marketplace.assistant.services.delete_conversations",)
    triggers = (keeps_its_item("assistant_message"),)

    def ready(self) -> None:
        from marketplace.assistant.checks import check_responder, check_topics

        super().ready()
        checks.register(check_topics)
        checks.register(check_responder)
