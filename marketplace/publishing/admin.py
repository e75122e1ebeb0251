"""Read-only admin of published bundles. Only commands and the API write them."""

from django.contrib import admin

from decisions.admin import ReadOnlyAdmin
from marketplace.publishing.models import Activation, Publication, Report, Review, Verdict, Withdrawal


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin):
    list_display = ["id", "digest", "revision", "published_by", "published_at"]
    list_select_related = ["published_by"]


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ["id", "publication", "base", "change", "not_proven", "digest", "made_at"]
    list_select_related = ["publication", "base"]


@admin.register(Verdict)
class VerdictAdmin(ReadOnlyAdmin):
    list_display = ["id", "publication", "approves", "by", "at", "reason"]
    list_select_related = ["publication", "by"]


@admin.register(Activation)
class ActivationAdmin(ReadOnlyAdmin):
    list_display = ["id", "publication", "kind", "scheduled_for", "by", "made_at", "reason"]
    list_select_related = ["publication", "by"]


@admin.register(Withdrawal)
class WithdrawalAdmin(ReadOnlyAdmin):
    list_display = ["id", "publication", "by", "at", "reason"]
    list_select_related = ["publication", "by"]


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ["id", "activation", "by", "at", "reason"]
    list_select_related = ["activation", "by"]
