"""The URLs of the server and a page that says who is signed in, and nothing else."""

from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import path

from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as served

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

PAGE = Template("<!doctype html><title>bare</title><h1>{{ user }}</h1>")


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(PAGE.render(Context({"user": request.user})))


urlpatterns = [path("bare", bare), *served]
