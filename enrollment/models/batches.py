"""One decision on many enrollments: what two people signed, the ledger that applies it, what was refused, what is to be looked at again."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rsu.models import User, append_only

from .cover import Enrollment, Scheme


class DecisionBatch(models.Model):
    """A decision on the enrollments a filter chose on one day; its filter and its list are frozen when it is proposed.

    Closed when planned = applied + already so + refused.
    """

    class Deed(models.TextChoices):
        ACCEPT = "accept", _("accepter les droits proposés")
        END = "end", _("mettre fin aux droits à revoir")
        KEEP = "keep", _("maintenir les droits à revoir")
        SUSPEND = "suspend", _("suspendre les droits à revoir")
        HOLD = "hold", _("laisser attendre jusqu’à une date")
        REQUEST = "request", _("demander des pièces aux familles")
        VISIT = "visit", _("demander une visite")

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("à signer")
        RUNNING = "running", _("en cours")
        CLOSED = "closed", _("close")
        FAILED = "failed", _("en échec")
        REJECTED = "rejected", _("rejetée")

    LOOKED_AT_AGAIN = (Deed.SUSPEND, Deed.HOLD, Deed.REQUEST, Deed.VISIT)
    """Deeds after which somebody looks at the enrollment again, by `look_again_on`."""

    deed = models.CharField(max_length=7, choices=Deed)
    program = models.CharField(max_length=11, choices=Scheme)
    filter = models.JSONField(help_text="as it was chosen: enrollment.selection")
    reason = models.TextField(help_text="the families may read it")
    look_again_on = models.DateField(null=True)
    communes = ArrayField(models.IntegerField(), help_text="where the households of the list lived that day")
    status = models.CharField(max_length=8, choices=Status, default=Status.PROPOSED)
    planned = models.IntegerField(help_text="enrollments of the list")
    people = models.IntegerField(help_text="persons covered, or members of the households aided")
    households = models.IntegerField()
    monthly = models.BigIntegerField(
        help_text="centimes a month that the decision gives (or takes away, negative), as of the day it was proposed"
    )
    on = models.DateField(help_text="the day it was proposed")
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    needs_second = models.BooleanField(help_text="as provision batch.second_from said that day")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", help_text="who signed or rejected it")
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, help_text="why it was rejected, or what the signer adds")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("décision en lot"), _("décisions en lot")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="batch_signed_by_another",
                condition=Q(needs_second=False) | Q(status__in=["proposed", "rejected"]) | ~Q(decided_by=F("proposed_by")),
                violation_error_message=_("Une autre personne que celle qui propose doit signer cette décision."),
            ),
            models.CheckConstraint(
                name="batch_decided_whole",
                condition=Q(status="proposed", decided_by=None, decided_at=None)
                | Q(~Q(status="proposed"), decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(name="batch_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="batch_looked_at_again",
                condition=Q(deed__in=["suspend", "hold", "request", "visit"], look_again_on__gt=F("on"))
                | Q(deed__in=["accept", "end", "keep"], look_again_on=None),
            ),
            models.CheckConstraint(name="batch_of_somebody", condition=Q(planned__gt=0)),
        ]

    def __str__(self):
        return f"{self.deed} {self.pk}"

    @property
    def ended(self) -> bool:
        return self.status in (self.Status.CLOSED, self.Status.FAILED, self.Status.REJECTED)


class DecisionChunk(models.Model):
    """A part of a batch that one worker does in one transaction: whole households, fixed when the batch was proposed."""

    MAX_ATTEMPTS = 5

    class Status(models.TextChoices):
        WAITING = "waiting", _("en attente")
        CLAIMED = "claimed", _("pris")
        DONE = "done", _("fait")
        FAILED = "failed", _("en échec")

    batch = models.ForeignKey(DecisionBatch, models.CASCADE, related_name="chunks")
    position = models.IntegerField()
    households = ArrayField(models.BigIntegerField())
    enrollments = ArrayField(models.BigIntegerField())
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    attempts = models.SmallIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    claimed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    size = models.IntegerField()
    applied = models.IntegerField(default=0)
    already = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("part d’une décision en lot"), _("parts d’une décision en lot")
        ordering = ["batch", "position"]
        indexes = [models.Index(fields=["status", "claimed_at"], name="decision_chunk_to_do", condition=~Q(status="done"))]
        constraints = [
            models.UniqueConstraint(name="decision_chunk_once", fields=["batch", "position"]),
            models.CheckConstraint(
                name="decision_chunk_counts_every_row",
                condition=~Q(status="done") | Q(size=F("applied") + F("already") + F("refused")),
            ),
        ]

    def __str__(self):
        return f"{self.batch_id}/{self.position}"


class BatchRefusal(models.Model):
    """An enrollment of the list that the batch left as it was, and why."""

    class Why(models.TextChoices):
        CHANGED = "changed", _("décidée autrement depuis")
        NOT_ENTITLED = "not_entitled", _("l’indice ne donne plus ce droit")
        ENTITLED = "entitled", _("l’indice donne de nouveau ce droit")
        OUTGROWN = "outgrown", _("la famille a changé depuis la proposition")
        NO_INSURED = "no_insured", _("l’assuré de l’unité n’est pas couvert")
        LEFT_BEHIND = "left_behind", _("des ayants droit perdraient leur assuré")
        COVERED = "covered", _("déjà couverte ailleurs")
        AIDED = "aided", _("le ménage reçoit déjà l’aide")
        OTHER_ALLOWANCES = "other_allowances", _("allocations familiales d’un autre régime")
        NATIONALITY = "nationality", _("la personne qui recevrait l’aide n’est pas marocaine")
        NOT_IN_FORCE = "not_in_force", _("les montants de ce mois ne sont pas en vigueur")
        GRACE = "grace", _("le droit perdu court encore")
        APPEAL = "appeal", _("un recours ouvert suspend la perte")
        AWAY = "away", _("le ménage a quitté le territoire de qui signe")

    batch = models.ForeignKey(DecisionBatch, models.CASCADE, related_name="refusals")
    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="+")
    why = models.CharField(max_length=16, choices=Why)

    class Meta:
        verbose_name, verbose_name_plural = _("refus d’une décision en lot"), _("refus d’une décision en lot")
        ordering = ["batch", "enrollment"]
        constraints = [models.UniqueConstraint(name="batch_refusal_once", fields=["batch", "enrollment"])]
        triggers = append_only("batch_refusal")

    def __str__(self):
        return f"{self.batch_id} {self.enrollment_id} {self.why}"


class Hold(models.Model):
    """An enrollment that waits for a date, for papers or for a visit, with the status it then had: a move from there closes it."""

    class Kind(models.TextChoices):
        WAIT = "wait", _("attendre la date")
        REQUEST = "request", _("pièces demandées à la famille")
        VISIT = "visit", _("visite demandée")

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=7, choices=Kind)
    status = models.CharField(max_length=9, choices=Enrollment.Status)
    since = models.DateField()
    look_again_on = models.DateField()
    reason = models.TextField()
    batch = models.ForeignKey(DecisionBatch, models.PROTECT, null=True, related_name="holds")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, help_text="what was found; empty when the enrollment was decided or held anew")

    class Meta:
        verbose_name, verbose_name_plural = _("attente"), _("attentes")
        ordering = ["look_again_on", "id"]
        indexes = [models.Index(fields=["look_again_on", "id"], name="hold_open", condition=Q(settled_at=None))]
        constraints = [
            models.UniqueConstraint(
                name="held_once",
                fields=["enrollment"],
                condition=Q(settled_at=None),
                violation_error_message=_("Cette inscription attend déjà."),
            ),
            models.CheckConstraint(name="hold_forward", condition=Q(look_again_on__gt=F("since"))),
            models.CheckConstraint(
                name="hold_settled_whole",
                condition=Q(settled_at=None, settled_by=None) | Q(settled_at__isnull=False, settled_by__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.enrollment_id} {self.kind} {self.look_again_on}"
