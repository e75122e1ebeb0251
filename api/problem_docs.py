"""The HTML pages that problem `type` URLs point to, for client developers."""

from dataclasses import dataclass
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from api.error_mapping import kind_of_denial
from api.problems import ADVICE, FINER, KINDS
from decisions import BundleUnavailable, bundles

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class ProblemDoc:
    code: str
    kind: str
    advice: str

    @property
    def status(self) -> int:
        return KINDS[self.kind][0]

    @property
    def title(self) -> str:
        return KINDS[self.kind][1]


def show_all(request: HttpRequest) -> HttpResponse:
    return _render(request, {"all": [_find(code) for code in sorted({*KINDS, *FINER})]})


def show_one(request: HttpRequest, code: str) -> HttpResponse:
    doc = _find(code)
    if doc is None:
        raise Http404
    return _render(request, {"one": doc})


def _find(code: str) -> ProblemDoc | None:
    if code in KINDS:
        return ProblemDoc(code, code, ADVICE[code])
    if code in FINER:
        return ProblemDoc(code, *FINER[code])
    rule = _rule(code)
    if rule is None:
        return None
    policy, status = rule
    advice = (
        f"The rule `{code}` of the policy `{policy}` denied the request; `message` in the document says why."
    )
    return ProblemDoc(code, kind_of_denial(policy, code, status), advice)


def _rule(code: str) -> tuple[str, str | None] | None:
    """The policy and the status of a rule in the bundle in force. The reason of a denial is its problem code."""
    try:
        policies = bundles.in_force().policies
    except BundleUnavailable:
        return None
    for name, versions in sorted(policies.items()):
        for version in reversed(versions.all):
            for entry in version.entries:
                if entry.reason == code:
                    return name, entry.status
    return None


def _render(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    response = render(request, "api/problems.html", context)
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response
