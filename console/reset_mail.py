"""Sends password reset mails. The outbox retries if the mail server is down."""

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from marketplace.accounts.models import User
from marketplace.accounts.reset_links import reset_links
from marketplace.outbox.models import OutboxEvent


def send_links(event: OutboxEvent) -> None:
    for user in User.objects.filter(pk__in=event.payload["user_ids"], is_active=True).exclude(email=""):
        uid = urlsafe_base64_encode(force_bytes(user.pk))
        path = reverse("console:choose-password", args=[uid, reset_links.make_token(user)])
        context = {"username": user.username, "link": event.payload["origin"] + path}
        body = render_to_string("console/reset_mail.txt", context)
        EmailMessage("Choose a new password", body, to=[user.email]).send()
