"""People directed to another compulsory cover: from the advice at the counter to the cover confirmed, and its end."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import OPEN
from households.answers import Cover
from households.models import Household, Member
from rsu.models import User, append_only

from .cover import Period

SCHEMES = tuple(
    (cover.value, cover.label) for cover in (Cover.AMO_EMPLOYEE, Cover.AMO_SELF_EMPLOYED, Cover.AMO_PUBLIC, Cover.AMO_STUDENT, Cover.MILITARY)
)  # fmt: skip
"""Compulsory covers that other bodies manage, under the codes of the answers."""


class Direction(models.Model):
    """One person and one scheme. Once confirmed, the cover is known to the day: `since`, and `until` when it ends."""

    class State(models.TextChoices):
        DIRECTED = "directed", _("orientée")
        APPLIED = "applied", _("demande déposée")
        CONFIRMED = "confirmed", _("couverture confirmée")
        REFUSED = "refused", _("refusée par le régime")
        ENDED = "ended", _("couverture terminée")

    household = models.ForeignKey(Household, models.PROTECT, related_name="directions")
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    idcs = models.CharField(max_length=10)
    scheme = models.CharField(max_length=17, choices=SCHEMES)
    state = models.CharField(max_length=9, choices=State)
    directed_on = models.DateField()
    since = models.DateField(null=True, help_text="first day of the other cover")
    until = models.DateField(default=OPEN, help_text="exclusive")
    reference = models.CharField(max_length=60, blank=True, help_text="number of the file or of the registration there")

    class Meta:
        verbose_name, verbose_name_plural = _("orientation"), _("orientations")
        ordering = ["directed_on", "id"]
        indexes = [models.Index(fields=["idcs"], name="direction_by_person")]
        constraints = [
            models.UniqueConstraint(
                name="directed_once", fields=["idcs"], condition=Q(state__in=("directed", "applied")),
                violation_error_message=_("Cette personne est déjà orientée vers un régime."),
            ),
            models.CheckConstraint(name="direction_known_cover_has_start", condition=~Q(state__in=("confirmed", "ended")) | Q(since__isnull=False)),
            models.CheckConstraint(name="direction_forward", condition=Q(since__isnull=True) | Q(since__lte=F("until"))),
            models.CheckConstraint(name="direction_ended_has_end", condition=~Q(state="ended") | Q(until__lt=OPEN)),
            ExclusionConstraint(
                name="covered_by_one_other_scheme",
                expressions=[("idcs", RangeOperators.EQUAL), (Period(F("since"), F("until")), RangeOperators.OVERLAPS)],
                condition=Q(state__in=("confirmed", "ended")),
                violation_error_message=_("Un autre régime couvre déjà cette personne sur cette période."),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.idcs} {self.scheme} {self.state}"


class DirectionMove(models.Model):
    """One change of state of a direction: who, when, with what reference; never edited."""

    direction = models.ForeignKey(Direction, models.CASCADE, related_name="moves")
    before = models.CharField(max_length=9, choices=Direction.State, blank=True)
    after = models.CharField(max_length=9, choices=Direction.State)
    on_day = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("étape d’une orientation"), _("étapes d’une orientation")
        ordering = ["direction", "id"]
        triggers = append_only("direction_move")

    def __str__(self):
        return f"{self.direction_id} {self.before}→{self.after}"
