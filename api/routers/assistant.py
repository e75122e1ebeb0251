"""The assistant over Django Ninja, below /assistant/ninja: byte-identical to /assistant."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse

from api.assistant import appeals, inbox, public
from api.contract.assistant import ChangeRequest, EphemeralRequest, SayRequest, StartRequest
from api.contract.moderation import AppealRequest
from api.envelope import BODY_LIMIT
from api.routers.surface import ProblemNinja, StrictBody, TableRouter, caller, caller_if_any, signed_in_only

router = TableRouter("/assistant")


@router.serves("session")
def show_session(request: HttpRequest) -> HttpResponse:
    return public.show_session(request, caller_if_any(request))


@router.serves("settings")
def show_settings(request: HttpRequest) -> HttpResponse:
    return public.show_settings(request, caller_if_any(request))


@router.serves("say_ephemeral")
def say_ephemeral(request: HttpRequest, wanted: Annotated[EphemeralRequest, StrictBody()]) -> HttpResponse:
    return public.say_ephemeral(request, caller_if_any(request), wanted)


@router.serves("list_conversations")
def list_conversations(request: HttpRequest) -> HttpResponse:
    return inbox.list_inbox(request, caller(request))


@router.serves("start_conversation")
def start_conversation(request: HttpRequest, wanted: Annotated[StartRequest, StrictBody()]) -> HttpResponse:
    return inbox.start(request, caller(request), wanted)


@router.serves("read_conversation")
def read_conversation(request: HttpRequest, conversation_id: int) -> HttpResponse:
    return inbox.read(request, caller(request), conversation_id)


@router.serves("change_conversation")
def change_conversation(
    request: HttpRequest, conversation_id: int, wanted: Annotated[ChangeRequest, StrictBody()]
) -> HttpResponse:
    return inbox.change(request, caller(request), conversation_id, wanted)


@router.serves("delete_conversation")
def delete_conversation(request: HttpRequest, conversation_id: int) -> HttpResponse:
    return inbox.delete(request, caller(request), conversation_id)


@router.serves("export_conversation")
def export_conversation(request: HttpRequest, conversation_id: int) -> HttpResponse:
    return inbox.export(request, caller(request), conversation_id)


@router.serves("list_messages")
def list_messages(request: HttpRequest, conversation_id: int) -> HttpResponse:
    return inbox.list_messages(request, caller(request), conversation_id)


@router.serves("say")
def say(
    request: HttpRequest, conversation_id: int, wanted: Annotated[SayRequest, StrictBody()]
) -> HttpResponse:
    return inbox.say(request, caller(request), conversation_id, wanted)


@router.serves("explain_decision")
def explain_decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    return appeals.explain(request, caller(request), decision_id)


@router.serves("appeal")
def appeal(
    request: HttpRequest, decision_id: int, wanted: Annotated[AppealRequest, StrictBody()]
) -> HttpResponse:
    return appeals.appeal(request, caller(request), decision_id, wanted)


assistant_api = ProblemNinja(
    title="Comity assistant API",
    version="1",
    urls_namespace="assistant",
    docs_url=None,
    openapi_url="/openapi.json",
    docs_decorator=signed_in_only,
    body_limit=BODY_LIMIT,
)
assistant_api.add_router("", router)
