"""Cursor pages by id: a page costs the same wherever it stands, and rows that come meanwhile move nothing."""

from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from api.contract.base import AnswerBody
from api.parsing import read_page_query
from api.problems import Problem


def list_page(
    request: HttpRequest, rows: QuerySet[Any], body: type[AnswerBody], *, newest_first: bool = False
) -> dict[str, Any]:
    """`next` is null on the last page. The cursor is signed and good for this list only."""
    query = read_page_query(request)
    signer = Signer(salt=f"api.cursor:{request.path}")
    ordered = rows.order_by("-pk" if newest_first else "pk")
    if query.cursor is not None:
        last_seen = _read_cursor(signer, query.cursor)
        ordered = ordered.filter(pk__lt=last_seen) if newest_first else ordered.filter(pk__gt=last_seen)
    found: list[Model] = list(ordered[: query.limit + 1])
    shown = found[: query.limit]
    return {
        "items": [body.render(row) for row in shown],
        "next": signer.sign_object(shown[-1].pk) if len(found) > len(shown) else None,
    }


def _read_cursor(signer: Signer, cursor: str) -> int:
    try:
        return int(signer.unsign_object(cursor))
    except (BadSignature, ValueError):
        raise Problem("invalid-cursor", "Use the `next` of an earlier page of this list, or none.") from None
