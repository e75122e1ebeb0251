"""The base of every DRF view: Comity's admission and problems in place of DRF's own."""

from typing import Any, ClassVar, NoReturn

from django.http import HttpRequest
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from api.admission import Access, admit
from api.envelope import BODY_LIMIT, JSON
from api.problems import method_not_allowed
from marketplace.accounts.models import User


class ApiView(APIView):
    """`access` says who may ask, `answer_type` what a caller must accept, None for a file of any type, `described` whether
    its operations are in the OpenAPI document. Bodies are read by api.parsing and api.uploads, never by DRF's parsers."""

    access: ClassVar[Access] = Access.SIGNED_IN
    described: ClassVar[bool] = True
    body_limit: ClassVar[int] = BODY_LIMIT
    body_type: ClassVar[str] = JSON
    answer_type: ClassVar[str | None] = JSON
    http_method_names = ["get", "head", "post", "delete"]
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    parser_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method not in self.allowed_methods:
            self.http_method_not_allowed(request)
        self._admitted = admit(
            request._request,
            self.access,
            body_limit=self.body_limit,
            body_type=self.body_type,
            answer_type=self.answer_type,
        )

    @property
    def caller_if_any(self) -> User | None:
        return self._admitted

    @property
    def caller(self) -> User:
        """Whoever asks; there is somebody wherever `access` demands it."""
        assert self._admitted is not None
        return self._admitted

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> NoReturn:
        raise method_not_allowed(self.allowed_methods)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """There is one format; api.envelope has refused callers who cannot take it."""
        return JSONRenderer(), JSONRenderer.media_type

    def handle_exception(self, exc: Exception) -> NoReturn:
        """api.middleware.ProblemMiddleware answers, for this surface as for the other."""
        raise exc
