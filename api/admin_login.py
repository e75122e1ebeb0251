"""The admin's sign-in page, held to the same rates as signing in over the API."""

from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api.problems import Problem, respond
from api.throttle import client_address, take_turn


def login(request: HttpRequest) -> HttpResponseBase:
    try:
        if request.method == "POST":
            take_turn("login", f"address {client_address(request)}")
            take_turn("login", f"username {request.POST.get('username', '').casefold()}")
    except Problem as problem:
        return respond(problem)
    return admin.site.login(request)
