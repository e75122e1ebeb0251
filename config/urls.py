"""Where requests go: the stock admin, and everything else to the API."""

from django.contrib import admin
from django.urls import include, path

from api.admin_login import login

handler400 = "api.error_pages.bad_request"
handler403 = "api.error_pages.forbidden"
handler404 = "api.error_pages.not_found"
handler500 = "api.error_pages.server_error"

urlpatterns = [
    path("admin/login/", login),
    path("admin/", admin.site.urls),
    path("", include("api.urls")),
]
