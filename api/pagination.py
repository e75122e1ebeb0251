"""Keyset pagination: constant cost per page, stable under inserts."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from api.contract.pagination import PageQuery
from api.parsing import read_query
from api.problems import Problem

Order = Sequence[str]
"""Names of non-null columns, with `-` for descending order. The last one is unique."""

OLDEST_FIRST: Order = ("pk",)
NEWEST_FIRST: Order = ("-pk",)


def list_page(
    request: HttpRequest,
    rows: QuerySet[Any],
    render: Callable[[Iterable[Any]], list[dict[str, Any]]],
    *,
    order: Order = OLDEST_FIRST,
    query: PageQuery | None = None,
    name: str | None = None,
) -> dict[str, Any]:
    """`next` is null on the last page. The cursor is signed and valid only for this list, identified by its path, or by `name`
    if a path has several lists."""
    query = query or read_query(request, PageQuery)
    signer = Signer(salt=f"api.cursor:{name or request.path}")
    ordered, wanted = rows.order_by(*order), query.limit + 1
    fetched: list[Model] = []
    parts = [Q()] if query.cursor is None else _after(_read_cursor(signer, query.cursor, order), order)
    for part in parts:
        if len(fetched) < wanted:
            fetched += ordered.filter(part)[: wanted - len(fetched)]
    items = fetched[: query.limit]
    return {
        "items": render(items),
        "next": _write_cursor(signer, items[-1], order) if len(fetched) > len(items) else None,
    }


def _after(key: Sequence[Any], order: Order) -> list[Q]:
    """Rows after the given key, as consecutive filters: equal in all columns but the last and greater in that one, then equal
    in one column less, and so on. Each filter can use an index; no database can seek by all of them combined."""
    parts, equal = [], Q()
    for column, value in zip(order, key, strict=True):
        name = column.removeprefix("-")
        parts.append(equal & Q(**{f"{name}__{'lt' if column.startswith('-') else 'gt'}": value}))
        equal &= Q(
            **{f"{name}__in": [value]}
        )  # Django writes `NOT urgent` for `urgent=False`, which cannot use an index
    return parts[::-1]


def _write_cursor(signer: Signer, row: Model, order: Order) -> str:
    return signer.sign_object([_plain(getattr(row, column.removeprefix("-"))) for column in order])


def _plain(value: Any) -> Any:
    """Django parses an ISO timestamp wherever it accepts a datetime."""
    return value.isoformat() if isinstance(value, datetime) else value


def _read_cursor(signer: Signer, cursor: str, order: Order) -> list[Any]:
    try:
        key = signer.unsign_object(cursor)
    except (BadSignature, ValueError):
        key = None
    if not isinstance(key, list) or len(key) != len(order):
        raise Problem("invalid-cursor", "Use the `next` of an earlier page of this list, or omit the cursor.")
    return key
