"""Text preview and the review queue, for moderators."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.admission import Access
from api.contract.moderation import (
    ClaimRequest,
    FlagBody,
    PreviewBody,
    PreviewRequest,
    QueueItemBody,
    QueueQuery,
    ReadingQuery,
    ReadTextBody,
    ReleaseRequest,
    ResolveRequest,
    SignalBody,
    ThreadBody,
)
from api.contract.policies import DecisionBody
from api.idempotency import answer_about
from api.pagination import list_page
from api.parsing import read_body, read_query
from api.subjects import CONVERSATION, USER
from api.views.base import ApiView
from engine import Budget
from marketplace.desk.queue import rule_on
from marketplace.desk.reading import read_text
from marketplace.flagged_texts import FlaggedText, flagged_texts, people_around
from marketplace.moderation.detection import examine
from marketplace.moderation.models import QueueItem, Verdict
from marketplace.moderation.preview import preview
from marketplace.moderation.queries import queue
from marketplace.moderation.reviewing import claim_item, release_item


class PreviewView(ApiView):
    access = Access.MODERATORS

    def post(self, request: Request) -> Response:
        wanted = read_body(request, PreviewRequest)
        findings = examine(wanted.text).findings
        budget = Budget() if wanted.counterfactuals else None
        decisions = preview(
            findings,
            modes=wanted.modes,
            moderator=self.caller,
            now=timezone.now(),
            explain=wanted.explain,
            budget=budget,
        )
        answer = PreviewBody(
            language=findings.language,
            signals=[SignalBody.of(signal) for signal in findings.signals],
            unavailable=list(findings.unavailable),
            decisions={mode: DecisionBody(**decision.to_dict()) for mode, decision in decisions.items()},
        )
        return Response(answer.model_dump(mode="json"))


class QueueView(ApiView):
    access = Access.MODERATORS

    def get(self, request: Request) -> Response:
        query = read_query(request, QueueQuery)
        return Response(
            list_page(request, queue(query.state), _render_all, query=query, order=("-urgent", "pk"))
        )


class ReadTextView(ApiView):
    access = Access.MODERATORS

    def get(self, request: Request, text_id: int) -> Response:
        query = read_query(request, ReadingQuery)
        read = read_text(
            moderator=self.caller,
            kind=query.kind,
            text_id=text_id,
            reading_for=query.reading_for,
            now=timezone.now(),
        )
        return Response(ReadTextBody.render(read))


class ClaimView(ApiView):
    access = Access.MODERATORS

    def post(self, request: Request, item_id: int) -> Response:
        read_body(request, ClaimRequest)
        return _answer(claim_item(moderator=self.caller, item_id=item_id, now=timezone.now()))


class ReleaseView(ApiView):
    access = Access.MODERATORS

    def post(self, request: Request, item_id: int) -> Response:
        read_body(request, ReleaseRequest)
        return _answer(release_item(moderator=self.caller, item_id=item_id, now=timezone.now()))


class ResolveView(ApiView):
    access = Access.MODERATORS

    def post(self, request: Request, item_id: int) -> Response:
        wanted = read_body(request, ResolveRequest)
        return _answer(
            rule_on(
                moderator=self.caller,
                item_id=item_id,
                verdict=Verdict(wanted.verdict),
                because=wanted.because,
                note=wanted.reason,
                now=timezone.now(),
            )
        )


def _answer(item: QueueItem) -> Response:
    flagged = flagged_texts([item])[item.pk]
    answer_about(*((USER, number) for number in people_around(item)))
    if flagged.conversation_id is not None:
        answer_about((CONVERSATION, flagged.conversation_id))
    return Response(_render(item, flagged))


def _render_all(items: Iterable[QueueItem]) -> list[dict[str, Any]]:
    items = list(items)
    texts = flagged_texts(items)
    return [_render(item, texts[item.pk]) for item in items]


def _render(item: QueueItem, flagged: FlaggedText) -> dict[str, Any]:
    record = item.decision
    return QueueItemBody.render(
        {
            "id": item.pk,
            "kind": item.kind,
            "subject_id": flagged.subject_id,
            "thread": ThreadBody.of({"kind": item.thread_kind, "id": item.thread_id}),
            "author_id": item.author_id,
            "text": flagged.text,
            "language": item.language,
            "signals": [SignalBody(**signal) for signal in item.signals],
            "flag": FlagBody(
                record_id=record.pk,
                policy=record.policy,
                version=record.version,
                revision=record.revision,
                in_force_at=record.in_force_at or record.decided_at,
                digest=record.digest,
                rule=record.rule,
                reason=item.flagged_for,
                message=item.message_shown,
            ),
            "urgent": item.urgent,
            "held": item.held,
            "blocked": item.blocked,
            "created_at": item.created_at,
            "state": item.state,
            "claimed_by": item.claimed_by_id,
            "claimed_at": item.claimed_at,
            "verdict": item.verdict or None,
            "reason": item.reason or None,
            "resolved_by": item.resolved_by_id,
            "resolved_at": item.resolved_at,
            "final_verdict": item.final_verdict or None,
        }
    )
