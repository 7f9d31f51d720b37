"""AMO ACHAMIL as people pay for it: who joined from which day, and each month's contribution."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import Provision
from rsu.models import User

from .cover import Enrollment


class Adhesion(models.Model):
    """A unit that joined: contributions run from `first_month`, rights from `rights_on`; a day not reached yet is empty."""

    enrollment = models.OneToOneField(
        Enrollment, models.PROTECT, primary_key=True, related_name="adhesion", help_text="the insured person's"
    )
    joined_on = models.DateField()
    first_month = models.DateField(help_text="first day of the first month due")
    waiting_months = models.SmallIntegerField(help_text="months to pay before rights open: 0, the waiting is waived")
    rights_on = models.DateField(null=True)
    left_on = models.DateField(null=True, help_text="first day that is no longer contributed for")

    class Meta:
        verbose_name, verbose_name_plural = _("adhésion à l’AMO ACHAMIL"), _("adhésions à l’AMO ACHAMIL")
        ordering = ["enrollment"]
        constraints = [
            models.CheckConstraint(name="adhesion_first_month_is_first_day", condition=Q(first_month__day=1)),
            models.CheckConstraint(name="adhesion_waiting_not_negative", condition=Q(waiting_months__gte=0)),
        ]

    def __str__(self):
        return f"{self.enrollment_id} {self.joined_on}"


class Contribution(models.Model):
    """One month of one adhesion: what the score's band asked on its due day, and when it was paid."""

    adhesion = models.ForeignKey(Adhesion, models.PROTECT, related_name="contributions")
    month = models.DateField(help_text="its first day")
    due_on = models.DateField()
    score = models.BigIntegerField(help_text="the household's on the due day, in ten-millionths")
    band = models.ForeignKey(Provision, models.PROTECT, related_name="+", help_text="the provision of the bands")
    amount = models.IntegerField(help_text="centimes")
    paid_on = models.DateField(null=True)
    reference = models.CharField(max_length=60, blank=True, help_text="of the payment, at the insurer")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("cotisation"), _("cotisations")
        ordering = ["adhesion", "month"]
        constraints = [
            models.UniqueConstraint(
                name="contribution_month_once", fields=["adhesion", "month"], violation_error_message=_("Ce mois est déjà appelé.")
            ),
            models.CheckConstraint(name="contribution_month_is_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(name="contribution_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="contribution_paid_is_recorded",
                condition=Q(paid_on=None, recorded_by=None, recorded_at=None)
                | Q(paid_on__isnull=False, recorded_by__isnull=False, recorded_at__isnull=False),
            ),
            models.CheckConstraint(name="contribution_due_in_its_month", condition=Q(due_on__gte=F("month"))),
        ]
        indexes = [models.Index(fields=["due_on", "id"], name="contribution_unpaid", condition=Q(paid_on__isnull=True))]

    def __str__(self):
        return f"{self.adhesion_id} {self.month:%Y-%m}"
