"""Units, enrollments and allowances; a person is covered once, a household is paid once a month: the database says so."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import OPEN, Determination, Program, Provision
from households.models import Household, Member
from rsu.models import Commune, Milieu, User, append_only

from .lifecycle import COVERING


class Period(Func):
    function = "daterange"
    output_field = models.CharField()


class Unit(models.Model):
    """Who is insured with whom inside a household: the insured person; dependants are the unit's other enrollments."""

    class Kind(models.TextChoices):
        FAMILY = "family", _("chef, conjoint et enfants à charge")
        COUPLE = "couple", _("autre couple avec ses enfants")
        LONE_PARENT = "lone_parent", _("parent seul avec ses enfants")
        ADULT = "adult", _("adulte seul")

    household = models.ForeignKey(Household, models.PROTECT, related_name="units")
    kind = models.CharField(max_length=11, choices=Kind)
    insured = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    insured_idcs = models.CharField(max_length=10)
    formed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("unité d’assurance"), _("unités d’assurance")
        ordering = ["household", "id"]

    def __str__(self):
        return f"{self.kind} {self.insured_idcs}"


class Enrollment(models.Model):
    """One person's health cover or one household's direct aid; the moves allowed between statuses stand in lifecycle.py."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("proposée")
        ACTIVE = "active", _("en cours")
        IN_REVIEW = "in_review", _("à revoir")
        ENDED = "ended", _("terminée")
        REFUSED = "refused", _("refusée")

    class Quality(models.TextChoices):
        INSURED = "insured", _("assuré")
        DEPENDANT = "dependant", _("ayant droit")
        HOUSEHOLD = "household", _("ménage")

    program = models.CharField(max_length=11, choices=Program)
    household = models.ForeignKey(Household, models.PROTECT, related_name="enrollments")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="enrollments")
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="enrollments")
    idcs = models.CharField(max_length=10, blank=True, help_text="the covered person; empty for a household's aid")
    quality = models.CharField(max_length=9, choices=Quality)
    status = models.CharField(max_length=9, choices=Status, default=Status.PROPOSED)
    since = models.DateField(null=True)
    until = models.DateField(default=OPEN, help_text="exclusive")
    determination = models.ForeignKey(Determination, models.SET_NULL, null=True, db_constraint=False, related_name="enrollments")
    commune = models.ForeignKey(Commune, models.PROTECT, related_name="+", help_text="where it is counted")
    milieu = models.CharField(max_length=5, choices=Milieu, help_text="in which it is counted")
    people = models.SmallIntegerField(default=1, help_text="persons it was counted for when it opened")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("inscription"), _("inscriptions")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["commune", "status", "id"], name="enrollment_work"),
            models.Index(fields=["idcs"], name="enrollment_by_person"),
        ]
        constraints = [
            ExclusionConstraint(
                name="person_covered_once",
                expressions=[("idcs", RangeOperators.EQUAL), (Period(F("since"), F("until")), RangeOperators.OVERLAPS)],
                condition=Q(program="amo_tadamon", status__in=COVERING) | Q(program="amo_tadamon", status="ended"),
                violation_error_message=_("Cette personne est déjà couverte sur cette période."),
            ),
            ExclusionConstraint(
                name="household_aided_once",
                expressions=[("household", RangeOperators.EQUAL), (Period(F("since"), F("until")), RangeOperators.OVERLAPS)],
                condition=Q(program="direct_aid", status__in=COVERING) | Q(program="direct_aid", status="ended"),
                violation_error_message=_("Ce ménage reçoit déjà l’aide sur cette période."),
            ),
            models.UniqueConstraint(
                name="enrollment_proposed_once", fields=["program", "household", "idcs"], condition=Q(status="proposed")
            ),
            models.CheckConstraint(name="enrollment_forward", condition=Q(since__isnull=True) | Q(since__lte=F("until"))),
            models.CheckConstraint(
                name="enrollment_open_has_start", condition=Q(status__in=["proposed", "refused"]) | Q(since__isnull=False)
            ),
            models.CheckConstraint(
                name="enrollment_person_or_household",
                condition=Q(program="amo_tadamon") & ~Q(idcs="") | Q(program="direct_aid", idcs="", quality="household"),
            ),
        ]

    def __str__(self):
        return f"{self.program} {self.idcs or self.household_id} {self.status}"


class EnrollmentMove(models.Model):
    """One change of status: who, why and when; never edited."""

    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="moves")
    before = models.CharField(max_length=9, choices=Enrollment.Status, blank=True)
    after = models.CharField(max_length=9, choices=Enrollment.Status)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("changement de statut"), _("changements de statut")
        ordering = ["enrollment", "id"]
        triggers = append_only("enrollment_move")

    def __str__(self):
        return f"{self.enrollment_id} {self.before}→{self.after}"


class Allowance(models.Model):
    """Direct aid owed to one household for one month; its amount is the sum of its lines."""

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="allowances")
    household = models.ForeignKey(Household, models.PROTECT, related_name="allowances")
    month = models.DateField(help_text="its first day")
    read_on = models.DateField(help_text="the day the family was read on: the 1st, or the day of application")
    amount = models.IntegerField(help_text="centimes")
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
