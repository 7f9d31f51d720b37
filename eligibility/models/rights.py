"""What was read of a household, its score, and its standing in each program.

Runs write these tables in bulk: `db_constraint=False` where a run writes, orphans are looked for when a run closes.
"""

import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from households.models import Household
from rsu.models import Milieu, User, append_only

from ..facts import FACTS
from .law import Program, Provision
from .runs import Run

OPEN = datetime.date(9999, 12, 31)
"""The `until` of a period that has not ended (Django cannot read PostgreSQL's infinity)."""


class FactColumns(models.Model):
    """A household as the rules saw it on a day: one integer column a fact (eligibility.facts), NULL where its milieu is not asked."""

    on = models.DateField()
    stale_on = models.DateField(null=True, help_text="first day on which time alone changes a fact")
    milieu = models.CharField(max_length=5, choices=Milieu)
    region = models.SmallIntegerField()
    commune_id = models.IntegerField()
    size = models.SmallIntegerField()
    head_sex = models.CharField(max_length=6, null=True)
    children = models.CharField(max_length=60, null=True, help_text="a letter a child that direct aid counts (eligibility.prices)")
    insured = models.SmallIntegerField(null=True, help_text="persons AMO-TADAMON would insure in their own name, estimated")
    read_at = models.DateTimeField()

    class Meta:
        abstract = True


for _fact in FACTS:
    _column = models.IntegerField if _fact.money else models.SmallIntegerField
    FactColumns.add_to_class(_fact.name, _column(null=True))


class Facts(FactColumns):
    """Today's reading; `id` stays with the reading when a newer one moves it to PastFacts."""

    household = models.OneToOneField(Household, models.DO_NOTHING, db_constraint=False, related_name="facts")

    class Meta:
        verbose_name, verbose_name_plural = _("lecture des réponses"), _("lectures des réponses")
        indexes = [models.Index(fields=["stale_on"], name="facts_stale_on", condition=Q(stale_on__isnull=False))]

    def __str__(self):
        return f"facts {self.pk}"


class PastFacts(FactColumns):
    id = models.BigIntegerField(primary_key=True)
    household = models.ForeignKey(Household, models.DO_NOTHING, db_constraint=False, related_name="past_facts")
    replaced_at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("lecture remplacée"), _("lectures remplacées")
        triggers = append_only("past_facts")

    def __str__(self):
        return f"facts {self.pk}"


class Assessment(models.Model):
    """The score a formula gives a household today, in ten-millionths; one row per formula and household, a partition per formula."""

    pk = models.CompositePrimaryKey("formula", "household")
    formula = models.ForeignKey(Provision, models.PROTECT, db_constraint=False, related_name="+")
    household = models.ForeignKey(Household, models.DO_NOTHING, db_constraint=False, related_name="assessments")
    facts_id = models.BigIntegerField()
    score = models.BigIntegerField()
    on = models.DateField()
    assessed_at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("indice"), _("indices")
        managed = False
        db_table = "eligibility_assessment"


class PastAssessment(models.Model):
    formula = models.ForeignKey(Provision, models.PROTECT, db_constraint=False, related_name="+")
    household = models.ForeignKey(Household, models.DO_NOTHING, db_constraint=False, related_name="past_assessments")
    facts_id = models.BigIntegerField()
    score = models.BigIntegerField()
    on = models.DateField()
    assessed_at = models.DateTimeField()
    replaced_at = models.DateTimeField()
    run = models.ForeignKey(Run, models.PROTECT, null=True, db_constraint=False, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("indice remplacé"), _("indices remplacés")
        ordering = ["household", "-id"]
        triggers = append_only("past_assessment")

    def __str__(self):
        return f"{self.household_id} {self.score}"


class DeterminationColumns(models.Model):
    """Standing by score alone, in one program, for one period."""

    class Reason(models.TextChoices):
        DECLARATION = "declaration", _("déclaration")
        THRESHOLD = "threshold", _("nouveau seuil")
        FORMULA = "formula", _("nouvelle formule")
        READING = "reading", _("nouvelle lecture des réponses")
        TIME = "time", _("passage du temps")
        LOAD = "load", _("chargement")
        VERIFIED = "verified", _("perte vérifiée")
        STRUCK_OFF = "struck_off", _("radiation")
        APPEAL = "appeal", _("recours accueilli")

    household = models.ForeignKey(Household, models.DO_NOTHING, db_constraint=False, related_name="%(class)ss")
    program = models.CharField(max_length=11, choices=Program)
    since = models.DateField()
    until = models.DateField(default=OPEN, help_text="exclusive")
    previous_until = models.DateField(null=True, help_text="the end of the row before: equal to since, so that the chain has no hole")
    entitled = models.BooleanField()
    score = models.BigIntegerField()
    facts_id = models.BigIntegerField()
    formula = models.ForeignKey(Provision, models.DO_NOTHING, db_constraint=False, related_name="+")
    threshold = models.ForeignKey(Provision, models.DO_NOTHING, db_constraint=False, related_name="+")
    run = models.ForeignKey(Run, models.DO_NOTHING, null=True, db_constraint=False, related_name="%(class)ss")
    reason = models.CharField(max_length=11, choices=Reason)
    determined_at = models.DateTimeField()
    grace_until = models.DateField(null=True, help_text="a loss: the right runs on until this day, exclusive")

    class Meta:
        abstract = True


class Determination(DeterminationColumns):
    """A contiguous chain of periods, kept by B-trees alone (a GiST exclusion costs 66 s a million rows)."""

    handled = models.BooleanField(default=True, help_text="false: what it opens or closes awaits enrollment")

    class Meta:
        verbose_name, verbose_name_plural = _("droit"), _("droits")
        ordering = ["household", "program", "since"]
        indexes = [models.Index(fields=["program", "id"], name="determination_to_handle", condition=Q(handled=False))]
        constraints = [
            models.UniqueConstraint(name="determination_since_once", fields=["household", "program", "since"]),
            models.UniqueConstraint(name="determination_until_once", fields=["household", "program", "until"]),
            models.UniqueConstraint(
                name="determination_one_after_each",
                fields=["household", "program", "previous_until"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="determination_without_hole", condition=Q(previous_until__isnull=True) | Q(previous_until=F("since"))
            ),
            models.CheckConstraint(name="determination_forward", condition=Q(since__lt=F("until"))),
        ]

    def __str__(self):
        return f"{self.household_id} {self.program} {self.since} {self.entitled}"


class PastDetermination(DeterminationColumns):
    """What a same-day or retroactive change cut away."""

    determination_id = models.BigIntegerField()
    cut_on = models.DateField()
    replaced_at = models.DateTimeField()
    replaced_by = models.ForeignKey(Run, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("droit remplacé"), _("droits remplacés")
        ordering = ["household", "program", "since"]
        triggers = append_only("past_determination")

    def __str__(self):
        return f"{self.household_id} {self.program} {self.since} {self.entitled}"


class HeldLoss(models.Model):
    """A loss inside the borderline band: the right runs on until somebody has verified the answers, or the score moves away."""

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", _("perte confirmée")
        LIFTED = "lifted", _("l’indice a changé")

    household = models.ForeignKey(Household, models.DO_NOTHING, db_constraint=False, related_name="held_losses")
    program = models.CharField(max_length=11, choices=Program)
    on = models.DateField(help_text="the day the score crossed the line")
    score = models.BigIntegerField()
    facts_id = models.BigIntegerField()
    formula = models.ForeignKey(Provision, models.DO_NOTHING, db_constraint=False, related_name="+")
    threshold = models.ForeignKey(Provision, models.DO_NOTHING, db_constraint=False, related_name="+")
    run = models.ForeignKey(Run, models.DO_NOTHING, null=True, db_constraint=False, related_name="held_losses")
    held_at = models.DateTimeField()
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("perte à vérifier"), _("pertes à vérifier")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="loss_held_once", fields=["household", "program"], condition=Q(outcome="")),
            models.CheckConstraint(
                name="held_loss_settled_whole",
                condition=Q(outcome="", settled_at=None) | Q(~Q(outcome=""), settled_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.household_id} {self.program} {self.on}"
