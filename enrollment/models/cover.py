"""Units and enrollments: a person is covered once, a household aided once, on any day: the database says so."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from pgtrigger import After, Insert, Referencing, Statement, Trigger, Update

from eligibility.models import OPEN, Determination, Program
from households.models import Household, Member
from rsu.models import Commune, Milieu, User, append_only

from ..lifecycle import HOLDING
from .overlaps import not_moved_meanwhile


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


class Scheme(models.TextChoices):
    """What a person or household is enrolled in: the programs that the score decides, and the cover that people pay for themselves."""

    AMO_TADAMON = Program.AMO_TADAMON.value, Program.AMO_TADAMON.label
    AMO_ACHAMIL = "amo_achamil", _("AMO ACHAMIL")
    DIRECT_AID = Program.DIRECT_AID.value, Program.DIRECT_AID.label


COVERS = (Scheme.AMO_TADAMON.value, Scheme.AMO_ACHAMIL.value)
"""Health covers: a person has one of them at most on any day."""


def _quoted(values) -> str:
    return ", ".join(f"'{value}'" for value in values)


_OPENED = f"n.program IN ({_quoted(COVERS)}) AND n.status IN ({_quoted(HOLDING)})"
_WATCH = """
    INSERT INTO enrollment_coverwatch (household_id, followed_on, next_on, warn_for, facts_id)
    SELECT n.household_id, min(n.since), min(n.since), NULL, 0 FROM new_rows n {join} WHERE {opened}
    GROUP BY n.household_id ORDER BY n.household_id
    ON CONFLICT (household_id) DO UPDATE SET next_on = LEAST(enrollment_coverwatch.next_on, EXCLUDED.next_on);
    RETURN NULL;
"""


def opened_covers_are_watched() -> list[Trigger]:
    """Whatever opens a cover (a decision, a batch, a migration by COPY), its household is followed from that day on."""
    held_already = f"JOIN old_rows o ON o.id = n.id AND NOT (o.status IN ({_quoted(HOLDING)}))"
    return [
        Trigger(
            name="opened_cover_is_watched", operation=Insert, when=After, level=Statement, referencing=Referencing(new="new_rows"),
            func=_WATCH.format(join="", opened=_OPENED),
        ),
        Trigger(
            name="accepted_cover_is_watched", operation=Update, when=After, level=Statement,
            referencing=Referencing(old="old_rows", new="new_rows"), func=_WATCH.format(join=held_already, opened=_OPENED),
        ),
    ]  # fmt: skip


class Enrollment(models.Model):
    """One person's health cover or one household's direct aid; the moves allowed between statuses stand in lifecycle.py."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("proposée")
        MIGRATED = "migrated", _("basculée")
        ACTIVE = "active", _("en cours")
        IN_REVIEW = "in_review", _("à revoir")
        SUSPENDED = "suspended", _("suspendue")
        ENDED = "ended", _("terminée")
        REFUSED = "refused", _("refusée")

    class Quality(models.TextChoices):
        INSURED = "insured", _("assuré")
        DEPENDANT = "dependant", _("ayant droit")
        HOUSEHOLD = "household", _("ménage")

    program = models.CharField(max_length=11, choices=Scheme)
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
        triggers = [*opened_covers_are_watched(), *not_moved_meanwhile(COVERS)]
        indexes = [
            models.Index(fields=["commune", "status", "id"], name="enrollment_work"),
            models.Index(fields=["idcs"], name="enrollment_by_person"),
        ]
        constraints = [
            ExclusionConstraint(
                name="person_covered_once",
                expressions=[("idcs", RangeOperators.EQUAL), (Period(F("since"), F("until")), RangeOperators.OVERLAPS)],
                condition=Q(program__in=COVERS, status__in=(*HOLDING, "ended")),
                violation_error_message=_("Cette personne est déjà couverte sur cette période."),
            ),
            ExclusionConstraint(
                name="household_aided_once",
                expressions=[("household", RangeOperators.EQUAL), (Period(F("since"), F("until")), RangeOperators.OVERLAPS)],
                condition=Q(program="direct_aid", status__in=(*HOLDING, "ended")),
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
                condition=Q(program__in=COVERS) & ~Q(idcs="") | Q(program="direct_aid", idcs="", quality="household"),
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


class Suspension(models.Model):
    """Days on which a running enrollment gives nothing; the place in the scheme is kept. An open one has no end yet."""

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="suspensions")
    since = models.DateField()
    until = models.DateField(default=OPEN, help_text="exclusive")
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("suspension"), _("suspensions")
        ordering = ["enrollment", "since"]
        constraints = [
            ExclusionConstraint(
                name="suspended_once",
                expressions=[("enrollment", RangeOperators.EQUAL), (Period(F("since"), F("until")), RangeOperators.OVERLAPS)],
                violation_error_message=_("Cette inscription est déjà suspendue sur cette période."),
            ),
            models.CheckConstraint(name="suspension_forward", condition=Q(since__lte=F("until"))),
        ]

    def __str__(self):
        return f"{self.enrollment_id} {self.since}"
