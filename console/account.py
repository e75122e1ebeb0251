"""Account page for every user: change the password, revoke tokens, sign out everywhere."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from console.access import for_everybody, guarded
from console.forms import ChangedPasswordForm, OnceOnly
from marketplace.accounts.models import User
from marketplace.accounts.queries import count_tokens
from marketplace.accounts.services import revoke_tokens, sign_out_everywhere


def _show(request: HttpRequest, user: User) -> HttpResponse:
    if request.method != "POST":
        return render(request, "console/account.html", {"tokens": count_tokens(user)})
    if "everywhere" in request.POST:
        sign_out_everywhere(user_id=user.pk, now=timezone.now())
        return redirect("console:sign-in")
    if "tokens" in request.POST:
        count = revoke_tokens(user_id=user.pk, now=timezone.now())
        messages.success(request, f"Revoked {count} token{'' if count == 1 else 's'}.")
    return redirect("console:account")


class _ChangePassword(OnceOnly, PasswordChangeView):
    form_class = ChangedPasswordForm
    template_name = "console/password.html"
    success_url = reverse_lazy("console:account")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        if response.status_code == 302:
            said = "Your password is changed. Your tokens are revoked, and every other browser is signed out."
            messages.success(self.request, said)
        return response


account = require_http_methods(["GET", "HEAD", "POST"])(for_everybody(_show))
change_password = guarded(_ChangePassword.as_view())
