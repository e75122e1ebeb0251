"""The operations of the assistant, as one table: both surfaces serve it, and both OpenAPI documents are held against it."""

from dataclasses import dataclass
from typing import Final, Literal

from api.contract.assistant import (
    ChangeRequest,
    ConversationBody,
    ConversationsBody,
    EphemeralBody,
    EphemeralRequest,
    ExchangeBody,
    ExportBody,
    SaidListBody,
    SayRequest,
    SessionBody,
    StartedBody,
    StartRequest,
    WidgetBody,
)
from api.contract.base import AnswerBody, RequestBody

Method = Literal["GET", "POST", "PATCH", "DELETE"]

ALWAYS: Final = (401, 405, 406, 429, 503)
WITH_BODY: Final = (400, 403, 408, 411, 413, 415, 422)


@dataclass(frozen=True, slots=True)
class Operation:
    """`problems` are the statuses of its problem documents."""

    id: str
    method: Method
    path: str
    summary: str
    status: int
    answer: type[AnswerBody] | None
    body: type[RequestBody] | None = None
    for_everybody: bool = False
    paged: bool = False
    problems: tuple[int, ...] = ALWAYS


def _problems(*more: int) -> tuple[int, ...]:
    return tuple(sorted({*ALWAYS, *more}))


ONE: Final = "/conversations/{conversation_id}"
OPERATIONS: Final = (
    Operation(
        "session", "GET", "/session", "Who speaks, in which lane, until when", 200, SessionBody,
        for_everybody=True,
    ),
    Operation(
        "settings", "GET", "/settings", "What the floating assistant needs to know", 200, WidgetBody,
        for_everybody=True,
    ),
    Operation(
        "list_conversations", "GET", "/conversations", "The inbox, newest first", 200, ConversationsBody,
        paged=True, problems=_problems(400, 422),
    ),
    Operation(
        "start_conversation", "POST", "/conversations", "Say something in a new conversation", 201, StartedBody,
        body=StartRequest, problems=_problems(*WITH_BODY, 404),
    ),
    Operation(
        "read_conversation", "GET", ONE, "One conversation", 200, ConversationBody, problems=_problems(404),
    ),
    Operation(
        "change_conversation", "PATCH", ONE, "Rename it, or mark it as read", 200, ConversationBody,
        body=ChangeRequest, problems=_problems(*WITH_BODY, 404),
    ),
    Operation(
        "delete_conversation", "DELETE", ONE, "Erase it with everything that was said", 204, None,
        problems=_problems(403, 404),
    ),
    Operation(
        "export_conversation", "GET", ONE + "/export", "Everything that is stored of it", 200, ExportBody,
        problems=_problems(404),
    ),
    Operation(
        "list_messages", "GET", ONE + "/messages", "What was said, oldest first", 200, SaidListBody,
        paged=True, problems=_problems(400, 404, 422),
    ),
    Operation(
        "say", "POST", ONE + "/messages", "Say something and be answered", 201, ExchangeBody,
        body=SayRequest, problems=_problems(*WITH_BODY, 404, 409),
    ),
    Operation(
        "say_ephemeral", "POST", "/ephemeral/messages", "Be answered while logged out; nothing is stored", 200,
        EphemeralBody, body=EphemeralRequest, for_everybody=True, problems=_problems(*WITH_BODY, 409),
    ),
)  # fmt: skip
BY_ID: Final = {operation.id: operation for operation in OPERATIONS}
