"""Session sign-in and sign-out."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import reverse_lazy

from console.access import guarded

sign_in = guarded(
    LoginView.as_view(
        template_name="console/sign_in.html",
        next_page=reverse_lazy("console:home"),
        redirect_authenticated_user=False,
    )
)
sign_out = guarded(LogoutView.as_view(next_page=reverse_lazy("console:sign-in")))
