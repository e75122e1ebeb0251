"""Password reset by mail. Never reveals whether an address has an account."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.views import PasswordResetConfirmView, PasswordResetDoneView, PasswordResetView
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone

from console.access import guarded
from console.forms import ChosenPasswordForm, OnceOnly
from marketplace.accounts import services
from marketplace.accounts.reset_links import reset_links


class _AddressForm(PasswordResetForm):
    def save(self, *, request: Any, **_: Any) -> None:  # type: ignore[override]
        origin = f"{request.scheme}://{request.get_host()}"
        services.ask_for_reset(email=self.cleaned_data["email"], origin=origin, now=timezone.now())


class _Ask(PasswordResetView):
    form_class = _AddressForm
    template_name = "console/reset.html"
    success_url = reverse_lazy("console:reset-asked")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context, sends_email=settings.COMITY_SENDS_EMAIL)

    def form_valid(self, form: Any) -> HttpResponse:
        return super().form_valid(form) if settings.COMITY_SENDS_EMAIL else self.form_invalid(form)


class _Choose(OnceOnly, PasswordResetConfirmView):
    form_class = ChosenPasswordForm
    template_name = "console/choose_password.html"
    success_url = reverse_lazy("console:sign-in")
    token_generator = reset_links
    reset_url_token = "choose"

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        if response.status_code == 302:
            messages.success(self.request, "Your password is changed. Sign in with it.")
        return response


ask_for_reset = guarded(_Ask.as_view())
reset_asked = guarded(PasswordResetDoneView.as_view(template_name="console/reset_asked.html"))
choose_password = guarded(_Choose.as_view())
