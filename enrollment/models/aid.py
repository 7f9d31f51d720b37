"""Direct aid, month by month: what each household is owed and why, and the account of a child in an institution."""

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import OPEN, Provision
from households.models import Household, Member
from rsu.models import Commune, User, append_only

from .cover import Enrollment, Period


class Allowance(models.Model):
    """Direct aid owed to one household for one month: one photograph, written once, its lines kept in the row itself.

    A kingdom's month is millions of rows written in a minute: the lines stand in parallel arrays, read as rows through
    AllowanceLine, and what the row points to is checked when the month's run closes, not row by row.
    """

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, db_constraint=False, db_index=False, related_name="allowances")
    household = models.ForeignKey(Household, models.PROTECT, db_constraint=False, db_index=False, related_name="allowances")
    commune = models.ForeignKey(
        Commune, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+", help_text="where the household lived"
    )
    month = models.DateField(help_text="its first day")
    read_on = models.DateField(help_text="the day the family was read on: the 1st, or the day of application")
    amount = models.IntegerField(help_text="centimes: the sum of its lines")
    payee = models.ForeignKey(
        Member, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+", help_text="who receives it"
    )
    payee_idcs = models.CharField(max_length=10, blank=True)
    provision = models.ForeignKey(
        Provision, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+", help_text="of the month's amounts"
    )
    kinds = ArrayField(models.CharField(max_length=19), default=list)
    members = ArrayField(models.BigIntegerField(null=True), default=list)
    ranks = ArrayField(models.SmallIntegerField(null=True), default=list)
    amounts = ArrayField(models.IntegerField(), default=list)
    provisions = ArrayField(models.IntegerField(null=True), null=True, help_text="of a line that comes from another provision")
    months = ArrayField(models.DateField(null=True), null=True, help_text="the month gone by that a line belongs to")
    computed_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, help_text="the instant the family was read as of, when that was not the present one")

    class Meta:
        verbose_name, verbose_name_plural = _("aide du mois"), _("aides du mois")
        ordering = ["-month"]
        indexes = [BrinIndex(fields=["month"], name="allowance_by_month", pages_per_range=32)]
        constraints = [
            models.UniqueConstraint(name="allowance_once_a_month", fields=["household", "month"]),
            models.CheckConstraint(name="allowance_month_is_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(name="allowance_not_negative", condition=Q(amount__gte=0)),
        ]
        triggers = append_only("allowance")

    def __str__(self):
        return f"{self.household_id} {self.month:%Y-%m}"

    @property
    def family_as_of(self) -> datetime:
        """What was answered later had no part in this month."""
        return self.read_at or self.computed_at


class AllowanceLine(models.Model):
    """Why this amount: one child, one supplement, the floor, a grant, a correction; a view over the arrays of Allowance.

    `belongs_to` is another month than the allowance's for a correction, or for a grant that was claimed once the month was written.
    """

    class Kind(models.TextChoices):
        CHILD = "child", _("enfant de moins de 6 ans ou scolarisé")
        CHILD_NOT_IN_SCHOOL = "child_not_in_school", _("enfant non scolarisé")
        ORPHAN = "orphan", _("enfant orphelin de père")
        DISABILITY = "disability", _("supplément pour handicap")
        FLOOR = "floor", _("complément au minimum du ménage")
        FLAT = "flat", _("aide forfaitaire")
        SCHOOL_START = "school_start", _("aide à la rentrée scolaire")
        BIRTH_GRANT = "birth_grant", _("prime de naissance")
        RECOVERY = "recovery", _("retenue d’un trop-perçu")

    id = models.BigIntegerField(primary_key=True)
    allowance = models.ForeignKey(Allowance, models.DO_NOTHING, db_constraint=False, related_name="lines")
    position = models.SmallIntegerField()
    kind = models.CharField(max_length=19, choices=Kind)
    member = models.ForeignKey(Member, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    rank = models.SmallIntegerField(null=True, help_text="by birth among the children that count")
    amount = models.IntegerField(help_text="centimes")
    provision = models.ForeignKey(Provision, models.DO_NOTHING, db_constraint=False, related_name="+")
    belongs_to = models.DateField(help_text="first day of the month it is owed for")

    class Meta:
        managed = False
        verbose_name, verbose_name_plural = _("ligne de l’aide"), _("lignes de l’aide")
        ordering = ["allowance", "position"]

    def __str__(self):
        return f"{self.kind} {self.amount}"


class Placement(models.Model):
    """A child taken in by an institution, outside any household: a sum a month on an account in the child's own name."""

    idcs = models.CharField(max_length=10)
    name = models.CharField(max_length=120)
    born_on = models.DateField()
    institution = models.CharField(max_length=120)
    commune = models.ForeignKey(Commune, models.PROTECT, related_name="+", help_text="of the institution: where it is counted")
    account = models.CharField(max_length=24, help_text="RIB in the child's name")
    since = models.DateField()
    until = models.DateField(default=OPEN, help_text="exclusive: the day the child left for good")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("placement"), _("placements")
        ordering = ["-since", "id"]
        constraints = [
            ExclusionConstraint(
                name="placed_once",
                expressions=[("idcs", RangeOperators.EQUAL), (Period(F("since"), F("until")), RangeOperators.OVERLAPS)],
                violation_error_message=_("Cet enfant est déjà accueilli sur cette période."),
            ),
            models.CheckConstraint(name="placement_forward", condition=Q(since__lte=F("until"))),
        ]

    def __str__(self):
        return f"{self.idcs} {self.since}"


class PlacementMonth(models.Model):
    """What one placement is owed for one month: the monthly sum, or the line that completes the guaranteed total."""

    class Kind(models.TextChoices):
        MONTHLY = "monthly", _("somme du mois")
        COMPLETION = "completion", _("complément à la somme garantie")

    placement = models.ForeignKey(Placement, models.PROTECT, related_name="months")
    month = models.DateField(help_text="its first day")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.MONTHLY)
    amount = models.IntegerField(help_text="centimes")
    provision = models.ForeignKey(Provision, models.PROTECT, related_name="+")
    computed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("mois de placement"), _("mois de placement")
        ordering = ["placement", "month"]
        constraints = [
            models.UniqueConstraint(name="placement_month_once", fields=["placement", "month", "kind"]),
            models.CheckConstraint(name="placement_month_is_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(name="placement_month_positive", condition=Q(amount__gt=0)),
        ]

    def __str__(self):
        return f"{self.placement_id} {self.month:%Y-%m} {self.kind}"
