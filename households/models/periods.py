"""What partners say of people over time: each statement, the periods they draw together, and the months a late one reopens."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from rsu.models import Agency

from ..timeline import OPEN
from .imports import Import
from .people import Household


class Days(Func):
    """The days of a period, its end excluded."""

    function = "daterange"
    output_field = DateRangeField()


class PeriodKind(models.TextChoices):
    COVER = "cover", _("couverture maladie")
    ALLOWANCES = "allowances", _("allocations familiales d’un autre régime")
    SCHOOLING = "schooling", _("scolarité")
    DISABILITY = "disability", _("attestation de handicap")


class PeriodStatement(models.Model):
    """A partner's words: this person, this value, from `since` to before `until`. Said again, it keeps the latest day it was true on.

    Of people outside the registry nothing stands here. `details`: scheme, quality, sector, school_year, number, and `ends` when
    the day after which the partner's silence says nothing any more is not the end of time.
    """

    idcs = models.CharField(max_length=10)
    kind = models.CharField(max_length=10, choices=PeriodKind)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    value = models.CharField(max_length=20)
    details = models.JSONField(default=dict)
    since = models.DateField()
    until = models.DateField(default=OPEN)
    as_of = models.DateField()
    importing = models.ForeignKey(Import, models.PROTECT, related_name="+", help_text="the delivery that said it last")

    class Meta:
        verbose_name, verbose_name_plural = _("période dite par un partenaire"), _("périodes dites par un partenaire")
        ordering = ["idcs", "kind", "since", "id"]
        constraints = [
            models.UniqueConstraint(name="period_statement_once", fields=["idcs", "kind", "agency", "since", "until", "value", "details"]),
            models.CheckConstraint(name="period_statement_forward", condition=Q(since__lt=F("until"))),
        ]

    def __str__(self):
        return f"{self.idcs} {self.kind} {self.value} {self.since}"


class VerifiedPeriod(models.Model):
    """What one partner's statements come to, whatever the order they arrived in: never two values of a person on one day.

    `implied`: the partner said when something ended, and not what came after. `held`: it contradicts an answer that nobody has
    settled yet, or that somebody kept: it decides nothing.
    """

    idcs = models.CharField(max_length=10)
    kind = models.CharField(max_length=10, choices=PeriodKind)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    value = models.CharField(max_length=20)
    details = models.JSONField(default=dict)
    since = models.DateField()
    until = models.DateField(default=OPEN)
    as_of = models.DateField()
    implied = models.BooleanField(default=False)
    held = models.BooleanField(default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("période vérifiée"), _("périodes vérifiées")
        ordering = ["idcs", "kind", "agency", "since"]
        indexes = [models.Index(fields=["idcs", "kind", "since"], name="verified_period_of_person")]
        constraints = [
            ExclusionConstraint(
                name="verified_period_once_a_day",
                expressions=[
                    ("idcs", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("agency", RangeOperators.EQUAL),
                    (Days("since", "until"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(name="verified_period_forward", condition=Q(since__lt=F("until"))),
        ]

    def __str__(self):
        return f"{self.idcs} {self.kind} {self.value} {self.since}"


class MonthsToReview(models.Model):
    """A household whose months of aid from `since` on were read before a partner spoke of them: to compute again. One row each.

    Whoever computes them again deletes the row in the same transaction.
    """

    household = models.OneToOneField(Household, models.PROTECT, related_name="months_to_review")
    since = models.DateField(help_text="the first month, as its first day")
    importing = models.ForeignKey(Import, models.PROTECT, null=True, related_name="+")
    noted_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("mois à revoir"), _("mois à revoir")
        ordering = ["household"]
        constraints = [models.CheckConstraint(name="months_to_review_from_a_first", condition=Q(since__day=1))]

    def __str__(self):
        return f"{self.household_id} {self.since}"
