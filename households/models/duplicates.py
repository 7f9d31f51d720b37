"""Pairs that may be one person or one household recorded twice, and the passes that look for them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rsu.models import User

from .people import Household, Member
from .requests import Request


class DuplicatePass(models.Model):
    """One look at the whole registry, by steps: what each step did and where the next one begins are one transaction.

    `rates` are the provisions it was made under, `chances` what the registry itself says of two people drawn at random.
    """

    class Status(models.TextChoices):
        RUNNING = "running", _("en cours")
        DONE = "done", _("terminé")
        FAILED = "failed", _("échoué")

    MAX_ATTEMPTS = 5

    on = models.DateField()
    status = models.CharField(max_length=7, choices=Status, default=Status.RUNNING)
    position = models.IntegerField(default=0, help_text="the step that comes next")
    steps = models.IntegerField(default=0, help_text="0 until the people are counted")
    slices = models.SmallIntegerField(default=1, help_text="parts that the blocks of one kind are compared in")
    attempts = models.SmallIntegerField(default=0, help_text="times the present step was begun")
    rates = models.JSONField()
    chances = models.JSONField(default=dict)
    people = models.BigIntegerField(default=0)
    left_out = models.BigIntegerField(default=0, help_text="people in blocks too large to compare, counted once for each kind of block")
    compared = models.BigIntegerField(default=0)
    alike = models.BigIntegerField(default=0)
    proposed = models.IntegerField(default=0)
    lapsed = models.IntegerField(default=0)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("recherche de doublons"), _("recherches de doublons")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="duplicate_pass_one_at_a_time",
                fields=["status"],
                condition=Q(status="running"),
                violation_error_message=_("Une recherche de doublons est déjà en cours."),
            ),
            models.CheckConstraint(
                name="duplicate_pass_finished_says_when",
                condition=Q(status="running", finished_at=None) | (~Q(status="running") & Q(finished_at__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.on} {self.status}"


class DuplicatePair(models.Model):
    """Two people or two households that look like one, the lower number first; or an IDCS that a draft claims from its bearer.

    Numbers of people and households are kept without foreign key: the pair outlives the row that a settlement takes away.
    `probability` is in ten-thousandths; `evidence` says what was compared and what it weighed; `fingerprint` is that of the
    answers that agree: while it stands, two people said to be different are not proposed again.
    """

    class Kind(models.TextChoices):
        PEOPLE = "people", _("deux personnes")
        HOUSEHOLDS = "households", _("deux ménages")
        IDCS_CLAIMED = "idcs_claimed", _("IDCS réclamé")

    class Status(models.TextChoices):
        OPEN = "open", _("à régler")
        DIFFERENT = "different", _("différents")
        SAME_PERSON = "same_person", _("même personne")
        SAME_HOUSEHOLD = "same_household", _("même ménage")
        LAPSED = "lapsed", _("devenu sans objet")

    kind = models.CharField(max_length=12, choices=Kind)
    member_low = models.ForeignKey(Member, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    member_high = models.ForeignKey(Member, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    household_low = models.ForeignKey(Household, models.DO_NOTHING, db_constraint=False, related_name="+")
    household_high = models.ForeignKey(Household, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    request = models.ForeignKey(
        Request, models.PROTECT, null=True, related_name="duplicates", help_text="the draft that claims the IDCS, or what makes it true"
    )
    person_key = models.CharField(max_length=16, blank=True, help_text="who claims it in the draft")
    probability = models.SmallIntegerField(null=True)
    evidence = models.JSONField(default=list)
    fingerprint = models.CharField(max_length=32, blank=True)
    status = models.CharField(max_length=14, choices=Status, default=Status.OPEN)
    proposed_at = models.DateTimeField(auto_now_add=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    found_by = models.ForeignKey(DuplicatePass, models.PROTECT, null=True, related_name="+", help_text="the last pass that found it")
    claim_reason = models.TextField(blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    earlier = models.JSONField(default=list, help_text="settlements that answers changed since have undone")

    class Meta:
        verbose_name, verbose_name_plural = _("doublon possible"), _("doublons possibles")
        ordering = ["-probability", "id"]
        indexes = [
            models.Index(fields=["-probability", "id"], name="duplicate_to_settle", condition=Q(status="open")),
            models.Index(fields=["household_low", "status"], name="duplicate_by_low_household"),
            models.Index(fields=["household_high", "status"], name="duplicate_by_high_household"),
            models.Index(fields=["request"], name="duplicate_by_request", condition=Q(request__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(name="duplicate_people_once", fields=["member_low", "member_high"], condition=Q(kind="people")),
            models.UniqueConstraint(
                name="duplicate_households_once", fields=["household_low", "household_high"], condition=Q(kind="households")
            ),
            models.UniqueConstraint(
                name="duplicate_claim_once", fields=["request", "person_key", "member_low"], condition=Q(kind="idcs_claimed")
            ),
            models.CheckConstraint(
                name="duplicate_sides_ordered",
                condition=Q(kind="people", member_low__lt=F("member_high"), household_high__isnull=False)
                | Q(kind="households", member_low=None, member_high=None, household_low__lt=F("household_high"))
                | Q(kind="idcs_claimed", member_low__isnull=False, member_high=None, household_high=None, request__isnull=False),
            ),
            models.CheckConstraint(
                name="duplicate_probability_in_ten_thousandths",
                condition=Q(kind="idcs_claimed", probability=None)
                | (~Q(kind="idcs_claimed") & Q(probability__gte=0, probability__lte=10000, probability__isnull=False)),
            ),
            models.CheckConstraint(
                name="duplicate_settled_says_by_whom",
                condition=Q(status="open", settled_by=None, settled_at=None)
                | (~Q(status="open") & Q(settled_by__isnull=False, settled_at__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN
