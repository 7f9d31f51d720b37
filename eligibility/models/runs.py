"""Batches: what is planned, what is done, what a rehearsal found."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from households.models import Household
from rsu.models import Milieu, Region, User

from .law import Program, Proposal, Provision


class Run(models.Model):
    """A batch: planned once, applied by chunks, closed when planned = applied + already so + refused (+ canceled).

    A rehearsal scores everyone under the formula of a proposal and decides nothing: `formula_id` is the number kept for the
    provision that the proposal would become, `digest` the law the report was made under.
    """

    class Kind(models.TextChoices):
        THRESHOLD = "threshold", _("nouveau seuil")
        FORMULA = "formula", _("nouvelle formule")
        REHEARSAL = "rehearsal", _("répétition d’une formule")
        READING = "reading", _("nouvelle lecture des réponses")
        AMOUNTS = "amounts", _("nouveaux montants")
        TIME = "time", _("passage du temps")
        LOAD = "load", _("chargement")

    class Status(models.TextChoices):
        PLANNED = "planned", _("prévue")
        RUNNING = "running", _("en cours")
        PAUSED = "paused", _("suspendue")
        CLOSED = "closed", _("close")
        FAILED = "failed", _("en échec")
        CANCELED = "canceled", _("annulée")

    ENDED = (Status.CLOSED, Status.FAILED, Status.CANCELED)

    kind = models.CharField(max_length=9, choices=Kind)
    status = models.CharField(max_length=8, choices=Status, default=Status.PLANNED)
    on = models.DateField(help_text="the day the rights are read on")
    program = models.CharField(max_length=11, choices=Program, blank=True)
    provision = models.ForeignKey(Provision, models.PROTECT, null=True, related_name="runs")
    proposal = models.ForeignKey(Proposal, models.PROTECT, null=True, related_name="rehearsals")
    formula_id = models.BigIntegerField(null=True, help_text="rehearsal: the partition it fills")
    digest = models.CharField(max_length=64, blank=True, help_text="rehearsal: the law it was made under")
    reason = models.TextField(blank=True, help_text="why it was paused or canceled")
    planned = models.BigIntegerField(default=0)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("exécution"), _("exécutions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="run_once_for_a_provision", fields=["kind", "provision"], condition=Q(provision__isnull=False)),
            models.UniqueConstraint(
                name="rehearsal_one_at_a_time",
                fields=["proposal"],
                condition=Q(proposal__isnull=False, status__in=["planned", "running", "paused"]),
            ),
            models.CheckConstraint(
                name="rehearsal_of_a_proposal",
                condition=Q(kind="rehearsal", proposal__isnull=False, formula_id__isnull=False)
                | Q(~Q(kind="rehearsal"), proposal=None, formula_id=None),
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"


class RunChunk(models.Model):
    """A part of a run that one worker does in one transaction, fixed when the run was planned.

    Either a list of `households`, or every household of a range of ids (`first` to `last`, both included) that held `size` of them.
    """

    MAX_ATTEMPTS = 5

    class Status(models.TextChoices):
        WAITING = "waiting", _("en attente")
        CLAIMED = "claimed", _("pris")
        DONE = "done", _("fait")
        FAILED = "failed", _("en échec")
        CANCELED = "canceled", _("annulé")

    run = models.ForeignKey(Run, models.CASCADE, related_name="chunks")
    position = models.IntegerField()
    households = ArrayField(models.BigIntegerField(), null=True)
    first = models.BigIntegerField(null=True)
    last = models.BigIntegerField(null=True)
    size = models.IntegerField(default=0)
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
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
        constraints = [
            models.UniqueConstraint(name="chunk_position_once", fields=["run", "position"]),
            models.CheckConstraint(
                name="chunk_is_a_list_or_a_range",
                condition=Q(households__isnull=False, first=None, last=None)
                | Q(households=None, first__isnull=False, last__gte=F("first")),
            ),
        ]

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


class Transition(models.Model):
    """What a rehearsed formula would change: households of one kind that stay, go out, come in or stay out of a program."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="transitions")
    program = models.CharField(max_length=11, choices=Program)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    milieu = models.CharField(max_length=5, choices=Milieu)
    size = models.SmallIntegerField(help_text="members, the last class being that many or more")
    head_sex = models.CharField(max_length=6, blank=True)
    before = models.BooleanField()
    after = models.BooleanField()
    households = models.BigIntegerField()
    people = models.BigIntegerField()
    centimes = models.BigIntegerField(help_text="a month")

    class Meta:
        verbose_name, verbose_name_plural = _("passage"), _("passages")
        indexes = [models.Index(fields=["run", "program"], name="transition_of_run")]

    def __str__(self):
        return f"{self.run_id} {self.program} {self.before}→{self.after}"


class LosingFamily(models.Model):
    """One of the families drawn among those that a rehearsed formula would put out of a program."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="losing_families")
    program = models.CharField(max_length=11, choices=Program)
    household = models.ForeignKey(Household, models.DO_NOTHING, db_constraint=False, related_name="+")
    facts_id = models.BigIntegerField()
    before = models.BigIntegerField(help_text="score under the formula in force")
    after = models.BigIntegerField(help_text="score under the rehearsed formula")

    class Meta:
        verbose_name, verbose_name_plural = _("famille perdante"), _("familles perdantes")
        ordering = ["run", "program", "household"]

    def __str__(self):
        return f"{self.run_id} {self.household_id}"


class ReplayedSample(models.Model):
    """One night's sample of determinations made again from what was stored: `mismatches` is an alarm."""

    on = models.DateField()
    checked = models.IntegerField()
    mismatches = models.JSONField(default=list, help_text="[{determination, household, sentence}]")
    replayed_at = models.DateTimeField(auto_now_add=True)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("échantillon rejoué"), _("échantillons rejoués")
        ordering = ["-id"]

    def __str__(self):
        return f"{self.on}: {self.checked}"
