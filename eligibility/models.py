"""What the law gives: its dated values, the facts read, the scores, the standing in each program, and the runs that make them.

What stands now is one row; what it replaced goes to the `Past…` table beside it in the same statement, with run and reason.
Runs write these tables in bulk: `db_constraint=False` where a run writes, orphans are looked for when a run closes.
"""

import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from households.models import Household
from rsu.models import Commune, Milieu, User, append_only

from .facts import FACTS

OPEN = datetime.date(9999, 12, 31)
"""The `until` of a period that has not ended (Django cannot read PostgreSQL's infinity)."""


class Program(models.TextChoices):
    AMO_TADAMON = "amo_tadamon", _("AMO-TADAMON")
    DIRECT_AID = "direct_aid", _("aide sociale directe")

    @property
    def threshold_key(self) -> str:
        return f"{self.value}.threshold"


class Proposal(models.Model):
    """A value of the law that one administrator wants and another must sign."""

    class Status(models.TextChoices):
        OPEN = "open", _("à approuver")
        APPROVED = "approved", _("approuvée")
        REJECTED = "rejected", _("rejetée")

    key = models.CharField(max_length=60)
    since = models.DateField()
    value = models.JSONField()
    source = models.CharField(max_length=200)
    gazette = models.CharField(max_length=250, blank=True)
    url = models.URLField(blank=True)
    reason = models.TextField()
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("proposition"), _("propositions")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="proposal_decided_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                violation_error_message=_("Une proposition est approuvée par une autre personne que celle qui l’a faite."),
            ),
            models.CheckConstraint(
                name="proposal_decision_is_complete",
                condition=Q(status="open", decided_by=None, decided_at=None)
                | Q(~Q(status="open"), decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.key} {self.since}"


class Provision(models.Model):
    """A dated, cited value of the law, never edited: a later row with the same key and day supersedes it."""

    key = models.CharField(max_length=60)
    since = models.DateField()
    value = models.JSONField(null=True, help_text="NULL repeals")
    source = models.CharField(max_length=200)
    gazette = models.CharField(max_length=250, blank=True)
    url = models.URLField(blank=True)
    note = models.TextField(blank=True)
    confidence = models.CharField(max_length=1, choices=[("H", "H"), ("M", "M"), ("L", "L")], default="L")
    proposal = models.OneToOneField(Proposal, models.PROTECT, null=True, related_name="provision")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("disposition"), _("dispositions")
        ordering = ["key", "since", "id"]
        indexes = [models.Index(fields=["key", "since", "id"], name="provision_in_force")]
        triggers = append_only("provision")

    def __str__(self):
        return f"{self.key} {self.since}"


class Run(models.Model):
    """A batch: planned once, applied by chunks, closed when planned = applied + already so + refused."""

    class Kind(models.TextChoices):
        THRESHOLD = "threshold", _("nouveau seuil")
        FORMULA = "formula", _("nouvelle formule")
        TIME = "time", _("passage du temps")
        LOAD = "load", _("chargement")

    class Status(models.TextChoices):
        PLANNED = "planned", _("prévue")
        RUNNING = "running", _("en cours")
        CLOSED = "closed", _("close")
        FAILED = "failed", _("en échec")

    kind = models.CharField(max_length=9, choices=Kind)
    status = models.CharField(max_length=7, choices=Status, default=Status.PLANNED)
    on = models.DateField(help_text="the day the rights are read on")
    program = models.CharField(max_length=11, choices=Program, blank=True)
    provision = models.ForeignKey(Provision, models.PROTECT, null=True, related_name="runs")
    planned = models.BigIntegerField(default=0)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("exécution"), _("exécutions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="run_once_for_a_provision", fields=["kind", "provision"], condition=Q(provision__isnull=False))
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"


class RunChunk(models.Model):
    """A part of a run that one worker does in one transaction; `households` is the plan, fixed when the run was planned."""

    MAX_ATTEMPTS = 5

    class Status(models.TextChoices):
        WAITING = "waiting", _("en attente")
        CLAIMED = "claimed", _("pris")
        DONE = "done", _("fait")
        FAILED = "failed", _("en échec")

    run = models.ForeignKey(Run, models.CASCADE, related_name="chunks")
    position = models.IntegerField()
    households = ArrayField(models.BigIntegerField())
    status = models.CharField(max_length=7, choices=Status, default=Status.WAITING)
    attempts = models.SmallIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    claimed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    applied = models.IntegerField(default=0)
    already = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("lot"), _("lots")
        ordering = ["run", "position"]
        indexes = [models.Index(fields=["status", "claimed_at"], name="chunk_to_do", condition=~Q(status="done"))]
        constraints = [models.UniqueConstraint(name="chunk_position_once", fields=["run", "position"])]

    def __str__(self):
        return f"{self.run_id}/{self.position}"


class Refusal(models.Model):
    """A household the engine could not assess, and what is missing: its last assessment stands."""

    household = models.OneToOneField(Household, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="refusal")
    missing = ArrayField(models.CharField(max_length=30))
    on = models.DateField()
    run = models.ForeignKey(Run, models.PROTECT, null=True, db_constraint=False, related_name="refusals")
    refused_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("calcul impossible"), _("calculs impossibles")
        ordering = ["household"]

    def __str__(self):
        return f"{self.household_id}: {', '.join(self.missing)}"


class FactColumns(models.Model):
    """A household as the rules saw it on a day: one integer column a fact (eligibility.facts), NULL where its milieu is not asked."""

    on = models.DateField()
    stale_on = models.DateField(null=True, help_text="first day on which time alone changes a fact")
    milieu = models.CharField(max_length=5, choices=Milieu)
    region = models.SmallIntegerField()
    commune_id = models.IntegerField()
    size = models.SmallIntegerField()
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
        TIME = "time", _("passage du temps")
        LOAD = "load", _("chargement")

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


class Tally(models.Model):
    """Counts kept by delta rows: written with the change, summed by the reader, folded in the background.

    `registered`: by commune and milieu. `scored`: by bucket of 0.01 (score // 100,000), under the formula in force.
    `enrolled`: by program; people are persons covered (AMO) or members of the household (direct aid).
    """

    class Measure(models.TextChoices):
        REGISTERED = "registered", _("enregistrés")
        SCORED = "scored", _("scorés")
        ENROLLED = "enrolled", _("inscrits")

    measure = models.CharField(max_length=10, choices=Measure)
    program = models.CharField(max_length=11, choices=Program, blank=True)
    commune = models.ForeignKey(Commune, models.DO_NOTHING, db_constraint=False, related_name="+")
    milieu = models.CharField(max_length=5, choices=Milieu)
    bucket = models.IntegerField(null=True)
    households = models.BigIntegerField()
    people = models.BigIntegerField()
    centimes = models.BigIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("décompte"), _("décomptes")
        indexes = [models.Index(fields=["measure", "program", "commune"], name="tally_measure")]

    def __str__(self):
        return f"{self.measure} {self.households:+d}"
