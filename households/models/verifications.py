"""What partners say of answers that families gave, and the contradictions a person settles."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rsu.models import Agency, User, append_only

from .imports import Import
from .people import Household, Member
from .requests import Request


class Verification(models.Model):
    """A partner's answer to one question about a person or a household, as of a day; the latest `as_of` stands.

    A person is named by the IDCS: the row outlives the person's place in a household, and nothing is ever changed in it.
    """

    idcs = models.CharField(max_length=10, blank=True)
    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="verifications")
    field = models.CharField(max_length=40)
    value = models.JSONField(null=True, help_text="as the registry keeps the answer")
    details = models.JSONField(default=dict, help_text="what else the partner said: since, until")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    importing = models.ForeignKey(Import, models.PROTECT, related_name="verifications")
    as_of = models.DateField()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("réponse vérifiée"), _("réponses vérifiées")
        ordering = ["-as_of", "-id"]
        indexes = [
            models.Index(fields=["idcs", "field", "-as_of", "-id"], name="verification_of_person", condition=~Q(idcs="")),
            models.Index(fields=["household", "field", "-as_of"], name="verification_of_household", condition=Q(household__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(name="verification_of_one_subject", condition=Q(idcs="") ^ Q(household=None)),
            models.UniqueConstraint(name="verification_once_a_file", fields=["importing", "idcs", "field"], condition=~Q(idcs="")),
        ]
        triggers = append_only("verification")

    def __str__(self):
        return f"{self.idcs or self.household_id} {self.field} {self.as_of}"


class AnswerConflict(models.Model):
    """A partner contradicts what a person declared: nothing moves until somebody keeps the answer or takes the partner's.

    `field` is the answer contradicted, or DEATH or BIRTH: of an event the draft that would take it is opened with the contradiction,
    and `idcs` is the dead person's, or the child's while `member` is its mother.
    `declared` and `verified` hold the same fields, as the registry keeps them. Taking goes through an update request, whose own
    rules stand: it may wait for a second signature. Until the family is told `due_on` counts from the opening, and only orders
    what is to settle; its days run from the telling.
    """

    DEATH, BIRTH = "death", "birth"
    EVENTS = (DEATH, BIRTH)

    class Status(models.TextChoices):
        OPEN = "open", _("à régler")
        KEPT = "kept", _("réponse gardée")
        TAKEN = "taken", _("valeur vérifiée prise")

    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="conflicts", help_text="NULL once the person has left")
    idcs = models.CharField(max_length=10)
    field = models.CharField(max_length=40)
    declared = models.JSONField()
    verified = models.JSONField()
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    importing = models.ForeignKey(Import, models.PROTECT, related_name="conflicts")
    as_of = models.DateField()
    status = models.CharField(max_length=5, choices=Status, default=Status.OPEN)
    opened_on = models.DateField()
    due_on = models.DateField(help_text="last day left to the family for an answer")
    told_on = models.DateField(null=True, help_text="when the family was told")
    escalated_on = models.DateField(null=True, help_text="when the days ran out with nobody's decision, and the supervisors were called")
    request = models.ForeignKey(Request, models.PROTECT, null=True, related_name="+", help_text="the update that takes the value")
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("contradiction"), _("contradictions")
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["due_on", "id"], name="conflict_open", condition=Q(status="open")),
            models.Index(fields=["idcs", "field"], name="conflict_of_person"),
        ]
        constraints = [
            models.UniqueConstraint(name="conflict_open_once", fields=["idcs", "field"], condition=Q(status="open")),
            models.CheckConstraint(
                name="conflict_settled_by_a_person",
                condition=Q(status="open", settled_by=None, settled_at=None) | Q(settled_by__isnull=False, settled_at__isnull=False),
            ),
            models.CheckConstraint(name="conflict_kept_says_why", condition=~Q(status="kept") | ~Q(reason="")),
            models.CheckConstraint(name="conflict_due_after_it_opens", condition=Q(due_on__gte=F("opened_on"))),
        ]

    def __str__(self):
        return f"{self.idcs} {self.field} {self.status}"

    @property
    def is_event(self) -> bool:
        return self.field in self.EVENTS
