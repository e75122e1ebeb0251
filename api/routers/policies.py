"""The policy API: what is in force, and what it decides about given facts. Nothing here is recorded."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from api.admission import Access
from api.contract.policies import (
    BatchBody,
    BatchRequest,
    DecideRequest,
    DecisionBody,
    PolicyBody,
    PolicyListBody,
)
from api.envelope import FACTS_BODY_LIMIT
from api.problems import Problem, not_found
from api.routers.surface import Admission, ProblemNinja, StrictBody, signed_in_only
from decisions import Subject, bundles, decide

router = Router(tags=["policies"])
_signed_in = Admission(Access.SIGNED_IN)
_readers = Admission(Access.POLICY_READERS, body_limit=FACTS_BODY_LIMIT)


@router.get("", response=PolicyListBody, auth=_signed_in)
def list_policies(request: HttpRequest) -> dict[str, Any]:
    """The policies of the bundle in force."""
    bundle = bundles.current()
    return {"digest": bundle.digest, "items": list(bundle.policies.values())}


@router.post("/decide-batch", response=BatchBody, auth=_readers, exclude_unset=True)
def decide_batch(request: HttpRequest, batch: Annotated[BatchRequest, StrictBody()]) -> dict[str, Any]:
    """Up to 100 decisions, all by the same bundle and, without an `at`, for the same moment."""
    _refuse_unknown([item.policy for item in batch.items])
    now = timezone.now()
    return {"items": [_decide(item.policy, item, now=now, request=request) for item in batch.items]}


@router.get("/{name}", response=PolicyBody, auth=_readers)
def describe_policy(request: HttpRequest, name: str) -> Any:
    """One policy of the bundle in force."""
    return _access_policy(name)


@router.post("/{name}/decide", response=DecisionBody, auth=_readers, exclude_unset=True)
def decide_policy(
    request: HttpRequest, name: str, wanted: Annotated[DecideRequest, StrictBody()]
) -> dict[str, Any]:
    """What the policy decides about these facts; facts that do not fit get its `on_error` outcome."""
    _access_policy(name)
    return _decide(name, wanted, now=timezone.now(), request=request)


def _decide(name: str, wanted: DecideRequest, *, now: datetime, request: HttpRequest) -> dict[str, Any]:
    subject = Subject(kind="question", id=None, actor_id=request.user.pk)
    decision = decide(
        name, wanted.facts, now=wanted.at or now, subject=subject, record=False, explain=wanted.explain
    )
    return dict(decision.to_dict())


def _access_policy(name: str) -> Any:
    try:
        return bundles.current().policies[name]
    except KeyError:
        raise not_found() from None


def _refuse_unknown(names: list[str]) -> None:
    known = bundles.current().policies
    errors = [
        {"pointer": f"/items/{index}/policy", "message": "No policy of this name is in force"}
        for index, name in enumerate(names)
        if name not in known
    ]
    if errors:
        raise Problem("invalid-request", "The batch asks for a policy that is not in force.", errors=errors)


policy_api = ProblemNinja(
    title="Comity policy API",
    version="1",
    urls_namespace="policies",
    docs_url=None,
    docs_decorator=signed_in_only,
    body_limit=FACTS_BODY_LIMIT,
)
policy_api.add_router("", router)
