"""What the law says, and what somebody wants it to say."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rsu.models import User, append_only


class Program(models.TextChoices):
    AMO_TADAMON = "amo_tadamon", _("AMO-TADAMON")
    DIRECT_AID = "direct_aid", _("aide sociale directe")

    @property
    def threshold_key(self) -> str:
        return f"{self.value}.threshold"


class Proposal(models.Model):
    """A value of the law that one administrator wants and another must sign."""

    class Status(models.TextChoices):
        OPEN = "open", _("à approuver")
        APPROVED = "approved", _("approuvée")
        REJECTED = "rejected", _("rejetée")

    key = models.CharField(max_length=60)
    since = models.DateField()
    value = models.JSONField()
    source = models.CharField(max_length=200)
    gazette = models.CharField(max_length=250, blank=True)
    url = models.URLField(blank=True)
    reason = models.TextField()
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    without_report = models.TextField(blank=True, help_text="why it was approved without a fresh rehearsal")

    class Meta:
        verbose_name, verbose_name_plural = _("proposition"), _("propositions")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="proposal_decided_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                violation_error_message=_("Une proposition est approuvée par une autre personne que celle qui l’a faite."),
            ),
            models.CheckConstraint(
                name="proposal_decision_is_complete",
                condition=Q(status="open", decided_by=None, decided_at=None)
                | Q(~Q(status="open"), decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.key} {self.since}"


class Provision(models.Model):
    """A dated, cited value of the law, never edited: a later row with the same key and day supersedes it."""

    key = models.CharField(max_length=60)
    since = models.DateField()
    value = models.JSONField(null=True, help_text="NULL repeals")
    source = models.CharField(max_length=200)
    gazette = models.CharField(max_length=250, blank=True)
    url = models.URLField(blank=True)
    note = models.TextField(blank=True)
    confidence = models.CharField(max_length=1, choices=[("H", "H"), ("M", "M"), ("L", "L")], default="L")
    proposal = models.OneToOneField(Proposal, models.PROTECT, null=True, related_name="provision")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("disposition"), _("dispositions")
        ordering = ["key", "since", "id"]
        indexes = [models.Index(fields=["key", "since", "id"], name="provision_in_force")]
        triggers = append_only("provision")

    def __str__(self):
        return f"{self.key} {self.since}"
