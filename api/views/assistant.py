"""The assistant over DRF, below /assistant."""

from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request

from api.admission import Access
from api.assistant import appeals, inbox, public
from api.contract.assistant import ChangeRequest, EphemeralRequest, SayRequest, StartRequest
from api.contract.moderation import AppealRequest
from api.parsing import read_body
from api.views.base import ApiView


class AssistantView(ApiView):
    """Removes the `Allow` header that DRF adds to every response: it belongs on 405 only."""

    http_method_names = ["get", "head", "post", "patch", "delete"]

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {}


class SessionView(AssistantView):
    access = Access.ANYONE

    def get(self, request: Request) -> HttpResponse:
        return public.show_session(request._request, self.caller_if_any)


class SettingsView(AssistantView):
    access = Access.ANYONE

    def get(self, request: Request) -> HttpResponse:
        return public.show_settings(request._request, self.caller_if_any)


class EphemeralMessagesView(AssistantView):
    access = Access.ANYONE

    def post(self, request: Request) -> HttpResponse:
        wanted = read_body(request, EphemeralRequest)
        return public.say_ephemeral(request._request, self.caller_if_any, wanted)


class ConversationsView(AssistantView):
    def get(self, request: Request) -> HttpResponse:
        return inbox.list_inbox(request._request, self.caller)

    def post(self, request: Request) -> HttpResponse:
        return inbox.start(request._request, self.caller, read_body(request, StartRequest))


class ConversationView(AssistantView):
    def get(self, request: Request, conversation_id: int) -> HttpResponse:
        return inbox.read(request._request, self.caller, conversation_id)

    def patch(self, request: Request, conversation_id: int) -> HttpResponse:
        return inbox.change(request._request, self.caller, conversation_id, read_body(request, ChangeRequest))

    def delete(self, request: Request, conversation_id: int) -> HttpResponse:
        return inbox.delete(request._request, self.caller, conversation_id)


class ExportView(AssistantView):
    def get(self, request: Request, conversation_id: int) -> HttpResponse:
        return inbox.export(request._request, self.caller, conversation_id)


class ConversationMessagesView(AssistantView):
    def get(self, request: Request, conversation_id: int) -> HttpResponse:
        return inbox.list_messages(request._request, self.caller, conversation_id)

    def post(self, request: Request, conversation_id: int) -> HttpResponse:
        return inbox.say(request._request, self.caller, conversation_id, read_body(request, SayRequest))


class StatementView(AssistantView):
    def get(self, request: Request, decision_id: int) -> HttpResponse:
        return appeals.explain(request._request, self.caller, decision_id)


class AppealView(AssistantView):
    def post(self, request: Request, decision_id: int) -> HttpResponse:
        return appeals.appeal(request._request, self.caller, decision_id, read_body(request, AppealRequest))


ROUTES = [
    path("session", SessionView.as_view()),
    path("settings", SettingsView.as_view()),
    path("ephemeral/messages", EphemeralMessagesView.as_view()),
    path("decisions/<int:decision_id>/statement", StatementView.as_view()),
    path("decisions/<int:decision_id>/appeal", AppealView.as_view()),
    path("conversations", ConversationsView.as_view()),
    path("conversations/<int:conversation_id>", ConversationView.as_view()),
    path("conversations/<int:conversation_id>/export", ExportView.as_view()),
    path("conversations/<int:conversation_id>/messages", ConversationMessagesView.as_view()),
]
