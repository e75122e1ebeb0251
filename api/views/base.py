"""Base class of the DRF views: Comity's admission and problems replace DRF's."""

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
    """`access` says who may call, `answer_type` which media type the caller must accept (None for any), `described` whether the
    operations are in the OpenAPI document. api.parsing and api.uploads read bodies; DRF's parsers are not used."""

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
        """The authenticated user. Never None where `access` requires one."""
        assert self._admitted is not None
        return self._admitted

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> NoReturn:
        raise method_not_allowed(self.allowed_methods)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """There is only one format; api.envelope has already refused callers who do not accept it."""
        return JSONRenderer(), JSONRenderer.media_type

    def handle_exception(self, exc: Exception) -> NoReturn:
        """Let api.middleware.ProblemMiddleware render errors, as on the other surface."""
        raise exc
