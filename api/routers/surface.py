"""Makes a Ninja API one of ours: admission, strict parsing, problem documents and the table of operations."""

import re
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Router
from ninja.errors import ValidationError
from ninja.params.models import Body, BodyModel

from api.admission import Access, admit
from api.envelope import BODY_LIMIT
from api.json_body import read_json
from api.openapi.document import write_document
from api.openapi.operations import BY_ID
from api.parsing import misfit
from api.problems import method_not_allowed
from marketplace.accounts.models import User


class Admission:
    """Ninja's authentication hook. Enforces CSRF for sessions: Ninja exempts every view from it."""

    def __init__(self, access: Access, *, body_limit: int = BODY_LIMIT) -> None:
        self.access = access
        self.body_limit = body_limit

    def __call__(self, request: HttpRequest) -> User | AnonymousUser:
        return admit(request, self.access, body_limit=self.body_limit) or AnonymousUser()


View = Callable[..., HttpResponse]
Function = TypeVar("Function", bound=Callable[..., Any])
READING: Final = ("GET", "HEAD")


def signed_in_only(view: View) -> View:
    """Guards the pages that Ninja adds, which it would serve for any method. They write nothing, so the method is checked
    before a CSRF token."""

    @csrf_exempt
    def admitted(request: HttpRequest, **options: Any) -> HttpResponse:
        if request.method not in READING:
            raise method_not_allowed(READING)
        admit(request, Access.SIGNED_IN)
        return view(request, **options)

    return admitted


class _StrictBodyModel(BodyModel):
    @classmethod
    def get_request_data(
        cls, request: HttpRequest, api: NinjaAPI, path_params: dict[str, Any]
    ) -> dict[str, Any]:
        assert isinstance(api, ProblemNinja)
        value = read_json(request, body_limit=api.body_limit)
        return {cls.__read_from_single_attr__: value}


class StrictBody(Body):  # type: ignore[misc]  # pydantic calls FieldInfo final, Ninja extends it
    """Marks the body parameter of an operation."""

    _model = _StrictBodyModel

    def __init__(self) -> None:
        super().__init__(...)

    @classmethod
    def _param_source(cls) -> str:
        return "body"


def caller_if_any(request: HttpRequest) -> User | None:
    """The user that admission authenticated, without another query."""
    user = request.auth  # type: ignore[attr-defined]
    return user if isinstance(user, User) else None


def caller(request: HttpRequest) -> User:
    user = caller_if_any(request)
    assert user is not None
    return user


class TableRouter(Router):
    """Registers functions for operations of the table whose paths begin with `root`."""

    def __init__(self, root: str, *, body_limit: int = BODY_LIMIT) -> None:
        super().__init__()
        self.root = root
        self.body_limit = body_limit

    def serves(self, operation_id: str, *, also_at: str | None = None) -> Callable[[Function], Function]:
        """Serves HEAD too if the operation is a GET."""
        operation = BY_ID[operation_id]
        methods = [operation.method, *(["HEAD"] if operation.method == "GET" else [])]
        path = re.sub(r"{(\w+_id)}", r"{int:\1}", operation.path.removeprefix(self.root))

        def register(function: Function) -> Function:
            for place in [path] if also_at is None else [path, also_at]:
                admission = Admission(operation.access, body_limit=self.body_limit)
                self.add_api_operation(
                    place,
                    methods,
                    function,
                    auth=admission,
                    response=dict(operation.answers),
                    include_in_schema=place == path,
                    exclude_unset=True,
                )
            return function

        return register


class ProblemNinja(NinjaAPI):
    """Re-raises every error, for api.middleware.ProblemMiddleware to render."""

    def __init__(self, *, body_limit: int, **options: Any) -> None:
        super().__init__(**options)
        self.body_limit = body_limit

    def on_exception(self, request: HttpRequest, exc: Any) -> NoReturn:
        if isinstance(exc, ValidationError):
            # Ninja prefixes the location within the body with the source and the parameter's name.
            raise misfit([{**error, "loc": error["loc"][2:]} for error in exc.errors])
        raise exc

    def get_openapi_schema(self, **options: Any) -> Any:
        """The paths come from Ninja's routes, the rest from the same generator as for the views."""
        own = super().get_openapi_schema(**options)
        served = [
            (method.upper(), path)
            for path, methods in own["paths"].items()
            for method in methods
            if method != "head"
        ]
        return write_document(self.title, served)
