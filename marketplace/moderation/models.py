"""The review queue, reports, appeals, and records of insults and strikes, which contain no text; and blocked texts, which are
sealed."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q


class Kind(models.TextChoices):
    CHAT_MESSAGE = "chat_message"
    REVIEW = "review"
    DISPUTE_MESSAGE = "dispute_message"
    ASSISTANT_MESSAGE = "assistant_message"


class State(models.TextChoices):
    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"


class Verdict(models.TextChoices):
    UPHOLD = "uphold"
    OVERTURN = "overturn"


class Because(models.TextChoices):
    """Why somebody reports a text. A list, since words of their own would have to be moderated and erased too."""

    THREAT = "threat"
    ABUSE = "abuse"
    HATE = "hate"
    VIOLENCE = "violence"
    SEXUAL = "sexual"
    SPAM = "spam"
    FRAUD = "fraud"
    OTHER = "other"


class Ground(models.TextChoices):
    """Why somebody appeals. `HARMFUL` is for a reporter."""

    MISREAD = "misread"
    QUOTATION = "quotation"
    JOKE = "joke"
    HARMLESS = "harmless"
    HARMFUL = "harmful"
    OTHER = "other"


class AppealState(models.TextChoices):
    """Withdrawn: the text or the appellant was erased."""

    OPEN = "open"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    WITHDRAWN = "withdrawn"


class AppealVerdict(models.TextChoices):
    """About the decision that the appeal is against."""

    UPHOLD = "uphold"
    OVERTURN = "overturn"


class Fate(models.TextChoices):
    """The state of a text. A held or removed text is visible only to its author."""

    DELIVERED = "delivered"
    HELD = "held"
    REMOVED = "removed"


NOT_CLAIMED = Q(claimed_by=None, claimed_at=None)
CLAIMED = Q(claimed_by__isnull=False, claimed_at__isnull=False)
NOT_RESOLVED = Q(verdict="", reason="", resolved_by=None, resolved_at=None)
REPORTED = "reader-report"
"""What an item is flagged for that exists because of a report. Its author is not told of it before a ruling."""
RESOLVED = Q(resolved_by=F("claimed_by"), resolved_at__isnull=False, verdict__in=Verdict.values) & ~Q(
    reason=""
)


class QueueItem(models.Model):
    """One flagged text. The text points to its item, not the other way round, so this app does not depend on chats or reviews.
    INVARIANT: findings and a resolved item never change, except that a verdict's reason can be erased; enforced by triggers."""

    kind = models.CharField(max_length=20, choices=Kind)
    thread_kind = models.CharField(max_length=20)
    thread_id = models.BigIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="flagged")
    decision = models.OneToOneField(
        "decisions.DecisionRecord", on_delete=models.PROTECT, related_name="queue_item"
    )
    # What the author sees: the reason, the message of the policy, and support for somebody in distress.
    flagged_for = models.CharField(max_length=100)
    message_shown = models.TextField()
    support = models.TextField(blank=True)
    urgent = models.BooleanField()
    held = models.BooleanField()
    blocked = models.BooleanField(default=False, db_default=False)
    """Whether the text was refused, and is only kept sealed."""
    language = models.CharField(max_length=20)
    signals = models.JSONField(encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField()

    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="claimed_items"
    )
    claimed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    reason = models.TextField(blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="resolved_items"
    )
    resolved_at = models.DateTimeField(null=True)
    final_verdict = models.CharField(max_length=10, choices=Verdict, blank=True, default="", db_default="")
    """The verdict after an appeal that changed it."""
    # A plain number: the record of the decision may be pruned.
    ruling_id = models.BigIntegerField(null=True)
    """The recorded decision of the latest ruling; null in rows that are older than this column."""

    class Meta:
        indexes = [
            models.Index(fields=["ruling_id"], condition=Q(ruling_id__isnull=False), name="queue_by_ruling"),
            models.Index(fields=["state", "-urgent", "id"], name="queue_in_order"),
            models.Index(fields=["-urgent", "id"], name="whole_queue_in_order"),
            models.Index(fields=["-id"], condition=Q(held=True), name="queue_held"),
            models.Index(fields=["-id"], condition=Q(urgent=True), name="queue_urgent"),
            models.Index(fields=["state", "-id"], name="queue_by_state"),
            models.Index(fields=["verdict", "-id"], name="queue_by_verdict"),
            models.Index(fields=["created_at"], condition=Q(held=True), name="queue_held_by_time"),
            models.Index(fields=["verdict", "resolved_at"], name="queue_ruled_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(Q(state=State.OPEN) & NOT_CLAIMED & NOT_RESOLVED)
                | (Q(state=State.CLAIMED) & CLAIMED & NOT_RESOLVED)
                | (Q(state=State.RESOLVED) & CLAIMED & RESOLVED),
                name="queue_item_is_what_its_state_says",
            ),
            models.CheckConstraint(
                condition=Q(claimed_by=None) | ~Q(claimed_by=F("author")), name="nobody_judges_own_words"
            ),
            models.CheckConstraint(
                condition=Q(final_verdict="") | Q(state=State.RESOLVED, final_verdict__in=Verdict.values),
                name="final_verdict_follows_a_verdict",
            ),
            models.UniqueConstraint(
                fields=["author"],
                condition=Q(blocked=True) & ~Q(state=State.RESOLVED),
                name="one_open_item_of_blocked_texts_per_author",
            ),
        ]

    def __str__(self) -> str:
        return f"queue item {self.pk}"

    @property
    def standing(self) -> str:
        """The verdict that counts; empty before there is one."""
        return self.final_verdict or self.verdict

    @property
    def fate(self) -> Fate:
        if self.standing == Verdict.UPHOLD:
            return Fate.REMOVED
        return Fate.HELD if self.held and not self.standing else Fate.DELIVERED


class Insult(models.Model):
    """An insulting message by `author` that was not blocked. Does not count once a moderator has cleared it."""

    thread_kind = models.CharField(max_length=20)
    thread_id = models.BigIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="insults")
    queue_item = models.OneToOneField(QueueItem, null=True, on_delete=models.PROTECT, related_name="insult")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["thread_kind", "thread_id", "author", "-at"], name="insults_newest_first")
        ]

    def __str__(self) -> str:
        return f"insult by user {self.author_id} in {self.thread_kind} {self.thread_id}"


class KeptFor(models.TextChoices):
    """What keeps a blocked text. Only time ends by itself."""

    TIME = "time"
    APPEAL = "appeal"
    SAMPLE = "sample"


class BlockedTexts(models.QuerySet["BlockedText"]):
    def kept(self, now: datetime) -> Self:
        """Those whose time is not up, or that something else keeps."""
        return self.filter(Q(kept_until__gt=now) | ~Q(kept_for=KeptFor.TIME))


class BlockedText(models.Model):
    """A text that moderation refused, sealed under its author's key; see `keeping`. INVARIANT: only `kept_for` changes; enforced
    by triggers."""

    kind = models.CharField(max_length=20, choices=Kind)
    thread_kind = models.CharField(max_length=20)
    thread_id = models.BigIntegerField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="blocked_texts"
    )
    decision = models.OneToOneField(
        "decisions.DecisionRecord", on_delete=models.PROTECT, related_name="blocked_text"
    )
    sealed = models.BinaryField()
    blocked_at = models.DateTimeField()
    kept_until = models.DateTimeField()
    kept_for = models.CharField(max_length=10, choices=KeptFor, default=KeptFor.TIME)

    objects = BlockedTexts.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["kept_until"], condition=Q(kept_for=KeptFor.TIME), name="blocked_until")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kept_for__in=KeptFor.values), name="blocked_text_is_kept_for_something"
            )
        ]

    def __str__(self) -> str:
        return f"blocked text {self.pk}"


class Strike(models.Model):
    """A blocked text of `author`, by what it was blocked for. Counts unless it is taken back, if the policy says so."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="strikes")
    category = models.CharField(max_length=20)
    # A plain number: the record of the decision may be pruned.
    record_id = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["author", "-at"], condition=Q(taken_back_at=None), name="strikes_newest_first"
            )
        ]

    def __str__(self) -> str:
        return f"strike {self.pk} of user {self.author_id}"


class Report(models.Model):
    """A reader brings a text before the moderators. Who reported it is told to nobody but them."""

    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=20, choices=Kind)
    text_id = models.BigIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reported")
    item = models.ForeignKey(QueueItem, on_delete=models.PROTECT, related_name="reports")
    because = models.CharField(max_length=20, choices=Because)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="reports_by_time")]
        constraints = [
            models.UniqueConstraint(
                fields=["reporter", "kind", "text_id"], name="one_report_per_reader_and_text"
            ),
            models.CheckConstraint(condition=~Q(reporter=F("author")), name="nobody_reports_own_words"),
            models.CheckConstraint(condition=Q(because__in=Because.values), name="report_says_why"),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"


NOT_RULED = Q(ruled_by=None, ruled_at=None, reason="", delivered=None)
RULED = Q(ruled_by__isnull=False, ruled_at__isnull=False) & ~Q(reason="")


class Appeal(models.Model):
    """Against what became of a text: by its author, or with a `report` by whoever reported it. INVARIANT: another moderator
    decides, once, and then only the reason changes, if it is erased; enforced by constraints and triggers."""

    appellant = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appeals")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appeals_about"
    )
    kind = models.CharField(max_length=20, choices=Kind)
    thread_kind = models.CharField(max_length=20)
    thread_id = models.BigIntegerField()
    # The decision that blocked, held or flagged the text. `item` is null for a blocked text that is not in the queue.
    decision = models.ForeignKey("decisions.DecisionRecord", on_delete=models.PROTECT, related_name="appeals")
    item = models.ForeignKey(QueueItem, null=True, on_delete=models.PROTECT, related_name="appeals")
    report = models.OneToOneField(Report, null=True, on_delete=models.PROTECT, related_name="appeal")
    decided_at = models.DateTimeField()
    because = models.CharField(max_length=20, choices=Ground)
    opened_at = models.DateTimeField()

    state = models.CharField(max_length=10, choices=AppealState, default=AppealState.OPEN)
    ruled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="ruled_appeals"
    )
    ruled_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    ruling_id = models.BigIntegerField(null=True)
    delivered = models.BooleanField(null=True)
    """Whether a blocked text could still be delivered when its appeal was granted."""

    class Meta:
        indexes = [
            models.Index(fields=["state", "id"], name="appeals_in_order"),
            models.Index(fields=["opened_at"], name="appeals_by_time"),
            models.Index(fields=["state", "ruled_at"], name="appeals_ruled_by_time"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["appellant", "decision"], name="one_appeal_per_decision"),
            models.CheckConstraint(
                condition=(Q(state__in=[AppealState.OPEN, AppealState.WITHDRAWN]) & NOT_RULED)
                | (Q(state__in=[AppealState.UPHELD, AppealState.OVERTURNED]) & RULED),
                name="appeal_is_what_its_state_says",
            ),
            models.CheckConstraint(
                condition=Q(ruled_by=None) | ~(Q(ruled_by=F("author")) | Q(ruled_by=F("appellant"))),
                name="nobody_rules_on_their_own_appeal",
            ),
            models.CheckConstraint(
                condition=Q(report=None, appellant=F("author"))
                | (Q(report__isnull=False) & ~Q(appellant=F("author"))),
                name="author_or_reporter_appeals",
            ),
            models.CheckConstraint(condition=Q(because__in=Ground.values), name="appeal_says_why"),
        ]

    def __str__(self) -> str:
        return f"appeal {self.pk}"
