"""The policy API: what is in force, and what it decides for given facts. Nothing is recorded."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api.contract.policies import BatchRequest, DecideRequest
from api.envelope import FACTS_BODY_LIMIT
from api.json_body import pointer_to
from api.problems import Problem, not_found
from api.routers.bundles import router as bundle_router
from api.routers.surface import ProblemNinja, StrictBody, TableRouter, signed_in_only
from decisions import Subject, bundles, decide
from engine import Budget, PolicyNotInForce, UnknownPolicy

router = TableRouter("/api/policies", body_limit=FACTS_BODY_LIMIT)


@router.serves("list_policies", also_at="/")
def list_policies(request: HttpRequest) -> dict[str, Any]:
    """The version in force of each policy."""
    bundle = bundles.current()
    now = timezone.now()
    versions = (_version_in_force(name, now) for name in bundle.policies)
    return {"digest": bundle.digest, "items": [version for version in versions if version]}


@router.serves("decide_batch")
def decide_batch(request: HttpRequest, batch: Annotated[BatchRequest, StrictBody()]) -> HttpResponse:
    """Up to 1,000 decisions from the same bundle; those without `at` share one timestamp.

    Items that ask for counterfactuals share one search budget.
    """
    now, budget = timezone.now(), Budget()
    asking = sum(item.counterfactuals for item in batch.items)
    answers = []
    for index, item in enumerate(batch.items):
        with budget.share(max(1, asking)) as share:
            answers.append(_decide(request, item.policy, item, now=now, budget=share, place=("items", index)))
        asking -= item.counterfactuals
    return _answer(b'{"items": [' + b", ".join(answers) + b"]}")


@router.serves("read_policy")
def describe_policy(request: HttpRequest, name: str) -> Any:
    """The version in force."""
    version = _version_in_force(name, timezone.now())
    if version is None:
        raise not_found()
    return version


@router.serves("decide_policy")
def decide_policy(
    request: HttpRequest, name: str, wanted: Annotated[DecideRequest, StrictBody()]
) -> HttpResponse:
    """The policy's decision for the given facts; invalid facts get its `on_error` outcome."""
    if name not in bundles.current().policies:
        raise not_found()
    return _answer(_decide(request, name, wanted, now=timezone.now(), budget=Budget()))


def _answer(body: bytes) -> HttpResponse:
    """The engine writes its decisions as JSON itself; validating them again would take longer than deciding."""
    return HttpResponse(body, content_type="application/json; charset=utf-8")


def _decide(
    request: HttpRequest,
    name: str,
    wanted: DecideRequest,
    *,
    now: datetime,
    budget: Budget,
    place: tuple[str | int, ...] = (),
) -> bytes:
    subject = Subject(kind="question", id=None, actor_id=request.user.pk)
    at = wanted.at or now
    try:
        decision = decide(
            name,
            wanted.facts,
            now=at,
            subject=subject,
            record=False,
            explain=wanted.explain,
            counterfactuals=budget if wanted.counterfactuals else None,
        )
    except UnknownPolicy:
        raise _misfit(pointer_to(*place, "policy"), "No policy of this name is in force") from None
    except PolicyNotInForce:
        raise _misfit(pointer_to(*place, "at"), "No version of the policy is in force at that time") from None
    return decision.to_json()


def _misfit(pointer: str, message: str) -> Problem:
    errors = [{"pointer": pointer, "message": message}]
    return Problem("invalid-request", "This cannot be decided.", errors=errors)


def _version_in_force(name: str, now: datetime) -> Any:
    try:
        return bundles.current().version_at(name, now)
    except (UnknownPolicy, PolicyNotInForce):
        return None


policy_api = ProblemNinja(
    title="Comity policy API",
    version="1",
    urls_namespace="policies",
    docs_url=None,
    openapi_url="/policies/openapi.json",
    docs_decorator=signed_in_only,
    body_limit=FACTS_BODY_LIMIT,
)
policy_api.add_router("/policies", bundle_router)  # first, or `bundles` would be the name of a policy
policy_api.add_router("/policies", router)
