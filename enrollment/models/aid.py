"""Direct aid, month by month: what each household is owed and why, and the account of a child in an institution."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import OPEN, Provision
from households.models import Household, Member
from rsu.models import Commune, User

from .cover import Enrollment, Period


class Allowance(models.Model):
    """Direct aid owed to one household for one month; its amount is the sum of its lines."""

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="allowances")
    household = models.ForeignKey(Household, models.PROTECT, related_name="allowances")
    month = models.DateField(help_text="its first day")
    read_on = models.DateField(help_text="the day the family was read on: the 1st, or the day of application")
    amount = models.IntegerField(help_text="centimes")
    payee = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+", help_text="who receives it, as read that day")
    payee_idcs = models.CharField(max_length=10, blank=True)
    computed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("aide du mois"), _("aides du mois")
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(name="allowance_once_a_month", fields=["household", "month"]),
            models.CheckConstraint(name="allowance_month_is_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(name="allowance_not_negative", condition=Q(amount__gte=0)),
        ]

    def __str__(self):
        return f"{self.household_id} {self.month:%Y-%m}"


class AllowanceLine(models.Model):
    """Why this amount: one child, one supplement, the floor or the flat aid, with the provision it comes from."""

    class Kind(models.TextChoices):
        CHILD = "child", _("enfant de moins de 6 ans ou scolarisé")
        CHILD_NOT_IN_SCHOOL = "child_not_in_school", _("enfant non scolarisé")
        ORPHAN = "orphan", _("enfant orphelin de père")
        DISABILITY = "disability", _("supplément pour handicap")
        FLOOR = "floor", _("complément au minimum du ménage")
        FLAT = "flat", _("aide forfaitaire")

    allowance = models.ForeignKey(Allowance, models.CASCADE, related_name="lines")
    position = models.SmallIntegerField()
    kind = models.CharField(max_length=19, choices=Kind)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    rank = models.SmallIntegerField(null=True, help_text="by birth among the children that count")
    amount = models.IntegerField(help_text="centimes")
    provision = models.ForeignKey(Provision, models.PROTECT, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("ligne de l’aide"), _("lignes de l’aide")
        ordering = ["allowance", "position"]
        constraints = [models.UniqueConstraint(name="allowance_line_position_once", fields=["allowance", "position"])]

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
