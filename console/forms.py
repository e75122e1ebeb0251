"""Shared code of the console's password forms."""

from typing import Any, Final

from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.http import HttpResponse
from django.utils import timezone

from marketplace.accounts.models import User
from marketplace.accounts.services import PasswordChangedMeanwhile, change_password

MEANWHILE: Final = "The password was changed in the meantime, so nothing was saved. Sign in with the new one."


class _ByService:
    user: User
    cleaned_data: dict[str, Any]

    def save(self, commit: bool = True) -> User:
        change_password(user=self.user, password=self.cleaned_data["new_password1"], now=timezone.now())
        return self.user


class ChosenPasswordForm(_ByService, SetPasswordForm):  # type: ignore[type-arg]
    pass


class ChangedPasswordForm(_ByService, PasswordChangeForm):
    pass


class OnceOnly:
    """For views that save a password: of two concurrent submissions, only one succeeds."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)  # type: ignore[misc,no-any-return]
        except PasswordChangedMeanwhile:
            form.add_error(None, MEANWHILE)
            return self.form_invalid(form)  # type: ignore[attr-defined,no-any-return]
