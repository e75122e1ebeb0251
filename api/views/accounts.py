"""Bearer tokens: issue one for a username and password, revoke the one used for the request."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.admission import Access
from api.auth import read_bearer, sign_in
from api.contract.accounts import Credentials, TokenBody, UserBody
from api.parsing import read_body
from api.problems import not_found
from api.throttle import client_address, enforce_rate
from api.views.base import ApiView
from marketplace.accounts.services import issue_token, revoke_token


class TokensView(ApiView):
    access = Access.UNASKED

    def post(self, request: Request) -> Response:
        enforce_rate("login", f"address {client_address(request)}")
        credentials = read_body(request, Credentials)
        enforce_rate("login", f"username {credentials.username.casefold()}")
        user = sign_in(request, username=credentials.username, password=credentials.password)
        token = issue_token(user=user, now=timezone.now())
        return Response(TokenBody(token=token, user=UserBody.of(user)).model_dump(mode="json"), status=201)


class CurrentTokenView(ApiView):
    def delete(self, request: Request) -> Response:
        token = read_bearer(request)
        if token is None:
            raise not_found()
        revoke_token(text=token, now=timezone.now())
        return Response(status=204)
