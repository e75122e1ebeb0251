"""URLs: Django's admin, the console, and the API for everything else."""

from django.contrib import admin
from django.urls import include, path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from api.form_throttle import limit_own_password, limit_reset, limit_sign_in, limit_writes
from console.account import account, change_password
from console.assistant_demo import assistant_demo
from console.home import home
from console.reset import ask_for_reset, choose_password, reset_asked
from console.sign_in import sign_in, sign_out
from console.try_text import try_text

handler400 = "api.error_handlers.bad_request"
handler403 = "api.error_handlers.forbidden"
handler404 = "api.error_handlers.not_found"
handler500 = "api.error_handlers.server_error"

# Rate limits belong to the API, which the console does not import; they are combined here.
console = [
    path("", home, name="home"),
    path("sign-in", limit_sign_in(sign_in), name="sign-in"),
    path("sign-out", sign_out, name="sign-out"),
    path("account", limit_writes(account), name="account"),
    path("account/password", limit_own_password(change_password), name="password"),
    path("reset", limit_reset(ask_for_reset), name="reset"),
    path("reset/asked", reset_asked, name="reset-asked"),
    path("reset/<uidb64>/<token>", limit_reset(choose_password), name="choose-password"),
    path("moderation/try", limit_writes(try_text), name="try"),
]

urlpatterns = [
    path("", require_safe(RedirectView.as_view(pattern_name="console:home"))),
    path("admin/login/", limit_sign_in(admin.site.login)),
    path(
        "admin/password_change/",
        limit_own_password(admin.site.admin_view(admin.site.password_change, cacheable=True)),
    ),
    path("admin/", admin.site.urls),
    path("console/", include((console, "console"))),
    path("assistant/demo", assistant_demo),
    path("", include("api.urls")),
]
