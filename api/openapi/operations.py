"""Every public operation of the API. The OpenAPI documents and the Ninja routers are both generated from this table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel

from api.admission import Access
from api.contract.accounts import Credentials, TokenBody
from api.contract.assistant import (
    ChangeRequest,
    ConversationBody,
    EphemeralBody,
    EphemeralRequest,
    ExchangeBody,
    ExportBody,
    SaidBody,
    SayRequest,
    SessionBody,
    StartedBody,
    StartRequest,
    WidgetBody,
)
from api.contract.base import AnswerBody, RequestBody
from api.contract.bundles import (
    BundleBody,
    BundleEntryBody,
    BundleRequest,
    ExplainedRequest,
    ForcedRequest,
    PlainRequest,
    ReportBody,
    RollbackRequest,
    ScheduleRequest,
    VerdictRequest,
)
from api.contract.catalog import ProductBody
from api.contract.chats import MessageBody, MessageRequest
from api.contract.decisions import DecisionEntryBody, RecordedDecisionBody, StatementBody
from api.contract.disputes import (
    DisputeBody,
    DisputeQuery,
    DisputeRequest,
    HoldBody,
    LinkQuery,
    MediaBody,
    ReasonRequest,
)
from api.contract.moderation import (
    AppealBody,
    AppealQuery,
    AppealRequest,
    ClaimRequest,
    OpenAppealBody,
    PreviewBody,
    PreviewRequest,
    QueueItemBody,
    QueueQuery,
    ReadingQuery,
    ReadTextBody,
    ReleaseRequest,
    ReportRequest,
    ResolveRequest,
    RuleRequest,
    TextReportBody,
)
from api.contract.months import MonthBody, MonthQuery
from api.contract.orders import ConfirmationRequest, OrderBody, OrderQuery, OrderRequest
from api.contract.pagination import PageQuery
from api.contract.policies import (
    BatchBody,
    BatchRequest,
    DecideRequest,
    DecisionBody,
    PolicyBody,
    PolicyListBody,
)
from api.contract.reviews import EligibilityBody, ReviewBody, ReviewRequest

Method = Literal["GET", "POST", "PATCH", "DELETE"]
File = Literal["file"]
FILE: Final[File] = "file"
ANYONE, MODERATORS, POLICY_READERS = Access.ANYONE, Access.MODERATORS, Access.POLICY_READERS
BUNDLE_READERS, APPROVERS = Access.BUNDLE_READERS, Access.APPROVERS


@dataclass(frozen=True, slots=True)
class Operation:
    """`answers` maps each status to its response body: None for no body, FILE for a file. A `body` of FILE is a form with one
    file. `refusals` and `headers` list only what does not follow from the other fields."""

    id: str
    method: Method
    path: str
    summary: str
    answers: Mapping[int, type[AnswerBody] | File | None]
    body: type[RequestBody] | File | None = None
    query: type[BaseModel] | None = None
    access: Access = Access.SIGNED_IN
    refusals: tuple[int, ...] = ()
    headers: tuple[str, ...] = ()
    paged: bool = False
    token_only: bool = False

    @property
    def takes_key(self) -> bool:
        """Whether the operation accepts an Idempotency-Key."""
        return self.method == "POST" and self.access not in {Access.UNASKED, Access.ANYONE}


def _listed(
    id: str,
    path: str,
    summary: str,
    body: type[AnswerBody],
    *,
    query: type[PageQuery] = PageQuery,
    access: Access = Access.SIGNED_IN,
) -> Operation:
    return Operation(id, "GET", path, summary, {200: body}, query=query, access=access, paged=True)


PRODUCT: Final = "/api/v1/products/{product_id}"
ORDER: Final = "/api/v1/orders/{order_id}"
DISPUTE: Final = "/api/v1/disputes/{dispute_id}"
ITEM: Final = "/api/v1/moderation/queue/{item_id}"
BUNDLES: Final = "/api/policies/bundles"
BUNDLE: Final = f"{BUNDLES}/{{bundle_id}}"
CONVERSATION: Final = "/assistant/conversations/{conversation_id}"

OPERATIONS: Final = (
    Operation(
        "issue_token", "POST", "/api/auth/tokens", "Issue a bearer token for a username and a password",
        {201: TokenBody}, Credentials, access=Access.UNASKED, refusals=(401,),
    ),
    Operation(
        "revoke_token", "DELETE", "/api/auth/tokens/current", "Revoke the token used for this request", {204: None},
        refusals=(404,), token_only=True,
    ),
    _listed("list_products", "/api/v1/products", "List products, oldest first", ProductBody, access=ANYONE),
    Operation("read_product", "GET", PRODUCT, "Read a product", {200: ProductBody}, access=ANYONE),
    _listed("list_product_reviews", f"{PRODUCT}/reviews", "List reviews, newest first", ReviewBody, access=ANYONE),
    Operation(
        "check_review_eligibility", "GET", f"{PRODUCT}/review-eligibility",
        "Check whether the caller may review the product, with the reason", {200: EligibilityBody},
    ),
    Operation(
        "read_decision", "GET", "/api/v1/decisions/{decision_id}",
        "Read a decision that concerns the caller, with its rule and source; moderators and policy owners read any",
        {200: RecordedDecisionBody},
    ),
    Operation(
        "read_statement", "GET", "/api/v1/decisions/{decision_id}/statement",
        "Read why a decision refused, held, removed or locked something of the caller's", {200: StatementBody},
    ),
    Operation(
        "appeal_decision", "POST", "/api/v1/decisions/{decision_id}/appeal",
        "Appeal against the decision that blocked, held or removed the caller's text", {201: AppealBody}, AppealRequest,
    ),
    _listed("list_orders", "/api/v1/orders", "List the caller's orders, newest first", OrderBody, query=OrderQuery),
    Operation(
        "open_order", "POST", "/api/v1/orders", "Open an order, or return the existing one",
        {201: OrderBody, 200: OrderBody}, OrderRequest, refusals=(404,),
    ),
    Operation("read_order", "GET", ORDER, "Read an order", {200: OrderBody}),
    _listed(
        "list_order_decisions", f"{ORDER}/decisions",
        "List the decisions about a sale that concern the caller, newest first", DecisionEntryBody,
    ),
    Operation(
        "confirm_order", "POST", f"{ORDER}/confirmations",
        "Confirm the sale for the caller; the second confirmation completes it", {200: OrderBody}, ConfirmationRequest,
    ),
    Operation(
        "withdraw_confirmation", "DELETE", f"{ORDER}/confirmations/mine",
        "Withdraw the caller's confirmation, if the other side has not confirmed yet", {200: OrderBody}, refusals=(409,),
    ),
    _listed("list_chat_messages", "/api/v1/chats/{chat_id}/messages", "List messages, oldest first", MessageBody),
    Operation(
        "send_chat_message", "POST", "/api/v1/chats/{chat_id}/messages", "Send a message to a chat that is not locked",
        {201: MessageBody}, MessageRequest,
    ),
    Operation(
        "write_review", "POST", "/api/v1/reviews", "Write a review of a purchased product",
        {201: ReviewBody}, ReviewRequest, refusals=(404,),
    ),
    _listed(
        "list_disputes", "/api/v1/disputes", "List the caller's disputes, newest first; all disputes for agents", DisputeBody,
        query=DisputeQuery,
    ),
    Operation(
        "open_dispute", "POST", "/api/v1/disputes", "Open a dispute about a completed order",
        {201: DisputeBody}, DisputeRequest, refusals=(404,),
    ),
    Operation("read_dispute", "GET", DISPUTE, "Read a dispute", {200: DisputeBody}),
    _listed("list_dispute_messages", f"{DISPUTE}/messages", "List the dispute's messages, oldest first", MessageBody),
    Operation(
        "send_dispute_message", "POST", f"{DISPUTE}/messages", "Send a message to an open dispute",
        {201: MessageBody}, MessageRequest,
    ),
    Operation(
        "close_dispute", "POST", f"{DISPUTE}/close", "Close the dispute and start the retention period of its media",
        {200: DisputeBody}, ReasonRequest,
    ),
    Operation(
        "reopen_dispute", "POST", f"{DISPUTE}/reopen", "Reopen a closed dispute whose media is still kept",
        {200: DisputeBody}, ReasonRequest,
    ),
    _listed("list_holds", f"{DISPUTE}/holds", "List the dispute's legal holds, oldest first", HoldBody),
    Operation(
        "place_hold", "POST", f"{DISPUTE}/holds", "Place a legal hold on the dispute's media", {201: HoldBody}, ReasonRequest,
    ),
    Operation("release_hold", "DELETE", "/api/v1/holds/{hold_id}", "Release a hold", {200: HoldBody}, refusals=(409,)),
    _listed("list_media", f"{DISPUTE}/media", "List the dispute's files, oldest first", MediaBody),
    Operation("add_media", "POST", f"{DISPUTE}/media", "Add a file", {201: MediaBody}, FILE),
    Operation(
        "read_media", "GET", "/api/v1/media/{media_id}", "Get a link to a file, valid for one minute", {200: MediaBody},
    ),
    Operation(
        "download_media", "GET", "/api/v1/media/{media_id}/content", "Download the file behind a link",
        {200: FILE}, query=LinkQuery, access=Access.UNASKED, headers=("Content-Disposition",),
    ),
    Operation(
        "preview_moderation", "POST", "/api/v1/moderation/preview", "Preview what the detectors and profiles report for a text",
        {200: PreviewBody}, PreviewRequest, access=MODERATORS,
    ),
    _listed(
        "list_queue_items", "/api/v1/moderation/queue", "List flagged texts, urgent first, then oldest first", QueueItemBody,
        query=QueueQuery, access=MODERATORS,
    ),
    Operation("claim_item", "POST", f"{ITEM}/claim", "Claim an item", {200: QueueItemBody}, ClaimRequest, access=MODERATORS),
    Operation(
        "release_item", "POST", f"{ITEM}/release", "Return a claimed item to the queue",
        {200: QueueItemBody}, ReleaseRequest, access=MODERATORS,
    ),
    Operation(
        "resolve_item", "POST", f"{ITEM}/resolve", "Resolve a claimed item; this cannot be undone",
        {200: QueueItemBody}, ResolveRequest, access=MODERATORS,
    ),
    Operation(
        "read_text", "GET", "/api/v1/moderation/texts/{text_id}",
        "Read a text as a moderator, on record; for a reason, unless it was flagged, reported or blocked",
        {200: ReadTextBody}, query=ReadingQuery, access=MODERATORS, refusals=(403,),
    ),
    _listed("list_reports", "/api/v1/reports", "List the caller's reports, oldest first", TextReportBody),
    Operation(
        "report_text", "POST", "/api/v1/reports", "Report somebody else's text to the moderators",
        {201: TextReportBody}, ReportRequest, refusals=(404,),
    ),
    Operation(
        "appeal_report", "POST", "/api/v1/reports/{report_id}/appeal",
        "Appeal against the ruling that left the reported text up", {201: AppealBody}, AppealRequest,
    ),
    _listed("list_appeals", "/api/v1/appeals", "List the caller's appeals, oldest first", AppealBody),
    _listed(
        "list_open_appeals", "/api/v1/moderation/appeals", "List appeals for moderators, oldest first", OpenAppealBody,
        query=AppealQuery, access=MODERATORS,
    ),
    Operation(
        "rule_on_appeal", "POST", "/api/v1/moderation/appeals/{appeal_id}/resolve",
        "Rule on an appeal, as a moderator who has not ruled about the text before; this cannot be undone",
        {200: OpenAppealBody}, RuleRequest, access=MODERATORS,
    ),
    Operation(
        "read_statistics", "GET", "/api/v1/moderation/statistics", "Read what was decided about people in one month, as counts",
        {200: MonthBody}, query=MonthQuery, access=MODERATORS, refusals=(422,),
    ),
    Operation("list_policies", "GET", "/api/policies", "List the policies in force", {200: PolicyListBody}),
    Operation(
        "read_policy", "GET", "/api/policies/{name}", "Read the version of a policy in force",
        {200: PolicyBody}, access=POLICY_READERS,
    ),
    Operation(
        "decide_policy", "POST", "/api/policies/{name}/decide",
        "Decide on the given facts; invalid facts get the policy's `on_error` outcome",
        {200: DecisionBody}, DecideRequest, access=POLICY_READERS,
    ),
    Operation(
        "decide_batch", "POST", "/api/policies/decide-batch",
        "Decide on up to 1,000 sets of facts with one bundle; those without `at` share one timestamp",
        {200: BatchBody}, BatchRequest, access=POLICY_READERS,
    ),
    _listed("list_bundles", BUNDLES, "List published bundles, newest first", BundleEntryBody, access=BUNDLE_READERS),
    Operation(
        "publish_bundle", "POST", BUNDLES, "Check a bundle, and store it if it passes; this may take a minute",
        {201: BundleBody}, BundleRequest, access=BUNDLE_READERS,
    ),
    Operation(
        "roll_back_bundle", "POST", f"{BUNDLES}/rollback", "Put an earlier bundle in force again, by default the one before",
        {200: BundleBody}, RollbackRequest, access=BUNDLE_READERS, refusals=(404,),
    ),
    Operation("read_bundle", "GET", BUNDLE, "Read a bundle and what became of it", {200: BundleBody}, access=BUNDLE_READERS),
    Operation(
        "read_report", "GET", f"{BUNDLE}/report",
        "Read the report that compares the bundle with the one in force; 404 until it is made",
        {200: ReportBody}, access=BUNDLE_READERS,
    ),
    Operation(
        "make_report", "POST", f"{BUNDLE}/report",
        "Compare the bundle with the one in force; this may take a minute. Repeated, it is the same report",
        {200: ReportBody}, PlainRequest, access=BUNDLE_READERS,
    ),
    Operation(
        "approve_bundle", "POST", f"{BUNDLE}/approve", "Approve exactly this bundle and this report",
        {200: BundleBody}, VerdictRequest, access=BUNDLE_READERS,
    ),
    Operation(
        "reject_bundle", "POST", f"{BUNDLE}/reject", "Reject the bundle after reading this report",
        {200: BundleBody}, VerdictRequest, access=BUNDLE_READERS,
    ),
    Operation(
        "schedule_bundle", "POST", f"{BUNDLE}/schedule", "Put an approved bundle in force at a later moment",
        {200: BundleBody}, ScheduleRequest, access=BUNDLE_READERS,
    ),
    Operation(
        "activate_bundle", "POST", f"{BUNDLE}/activate", "Put an approved bundle in force now",
        {200: BundleBody}, PlainRequest, access=BUNDLE_READERS,
    ),
    Operation(
        "withdraw_bundle", "POST", f"{BUNDLE}/withdraw", "Give up a bundle that is not in force yet",
        {200: BundleBody}, ExplainedRequest, access=BUNDLE_READERS,
    ),
    Operation(
        "force_bundle", "POST", f"{BUNDLE}/break-glass",
        "Put a bundle in force without approval, even if the one in force is broken, until somebody else reviews that",
        {200: BundleBody}, ForcedRequest, access=APPROVERS,
    ),
    Operation(
        "review_bundle", "POST", f"{BUNDLE}/review", "Review that somebody put the bundle in force without approval",
        {200: BundleBody}, ExplainedRequest, access=BUNDLE_READERS,
    ),
    Operation(
        "session", "GET", "/assistant/session", "Get the current assistant session: user, storage and expiry", {200: SessionBody},
        access=ANYONE,
    ),
    Operation(
        "settings", "GET", "/assistant/settings", "Get the initial content of the assistant widget", {200: WidgetBody},
        access=ANYONE,
    ),
    _listed("list_conversations", "/assistant/conversations", "List the inbox, newest first", ConversationBody),
    Operation(
        "start_conversation", "POST", "/assistant/conversations", "Start a conversation with a first message",
        {201: StartedBody}, StartRequest, refusals=(404,),
    ),
    Operation("read_conversation", "GET", CONVERSATION, "Read a conversation", {200: ConversationBody}),
    Operation(
        "change_conversation", "PATCH", CONVERSATION, "Rename a conversation, or mark it as read",
        {200: ConversationBody}, ChangeRequest,
    ),
    Operation("delete_conversation", "DELETE", CONVERSATION, "Erase a conversation and its messages", {204: None}),
    Operation(
        "export_conversation", "GET", f"{CONVERSATION}/export", "Export all stored data of a conversation",
        {200: ExportBody}, headers=("Content-Disposition",),
    ),
    _listed("list_messages", f"{CONVERSATION}/messages", "List the messages of a conversation, oldest first", SaidBody),
    Operation(
        "say", "POST", f"{CONVERSATION}/messages", "Send a message and get the reply", {201: ExchangeBody}, SayRequest,
    ),
    Operation(
        "explain_decision", "GET", "/assistant/decisions/{decision_id}/statement",
        "Read why a decision refused or held a message to the assistant, or anything else of the caller's", {200: StatementBody},
    ),
    Operation(
        "appeal", "POST", "/assistant/decisions/{decision_id}/appeal",
        "Appeal against the decision that blocked, held or removed the caller's message", {201: AppealBody}, AppealRequest,
    ),
    Operation(
        "say_ephemeral", "POST", "/assistant/ephemeral/messages", "Send a message without signing in; nothing is stored",
        {200: EphemeralBody}, EphemeralRequest, access=ANYONE, refusals=(409,), headers=("Set-Cookie",),
    ),
)  # fmt: skip
ASSISTANT: Final = tuple(each for each in OPERATIONS if each.path.startswith("/assistant/"))
BY_ID: Final = {each.id: each for each in OPERATIONS}
BY_ROUTE: Final[Mapping[tuple[str, str], Operation]] = {(each.method, each.path): each for each in OPERATIONS}
