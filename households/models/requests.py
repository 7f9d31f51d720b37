"""Request: what somebody declared and when, from the draft to the answer."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rsu.models import Commune, User

from .people import Household


class Request(models.Model):
    """What somebody declared and when; `answers` is the whole declaration, `before` what stood until it was applied.

    A draft belongs to whoever works on it; `token` is the form's own mark: the same form sent twice is one request.
    """

    class Kind(models.TextChoices):
        REGISTRATION = "registration", _("enregistrement")
        UPDATE = "update", _("mise à jour")
        SCORE_REVIEW = "score_review", _("révision du score")
        COMPLAINT = "complaint", _("réclamation")
        STRIKING_OFF = "striking_off", _("radiation")

    class Status(models.TextChoices):
        DRAFT = "draft", _("brouillon")
        IN_PROGRESS = "in_progress", _("en cours")
        PROCESSED = "processed", _("traitée")
        REJECTED = "rejected", _("rejetée")

    token = models.UUIDField(unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    status = models.CharField(max_length=11, choices=Status, default=Status.DRAFT)
    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="requests")
    commune = models.ForeignKey(Commune, models.PROTECT, null=True, blank=True, related_name="+", help_text="whose work this is")
    answers = models.JSONField(default=dict)
    before = models.JSONField(null=True, blank=True)
    reason = models.TextField(blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(auto_now=True)
    submitted_on = models.DateField(null=True, blank=True)
    processed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("demande"), _("demandes")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["created_by", "status", "-saved_at"], name="request_my_drafts"),
            models.Index(fields=["household", "-id"], name="request_by_household"),
        ]
        constraints = [
            models.CheckConstraint(
                name="request_processed_is_complete",
                condition=~Q(status="processed")
                | Q(household__isnull=False, processed_by__isnull=False, processed_at__isnull=False, submitted_on__isnull=False),
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"
