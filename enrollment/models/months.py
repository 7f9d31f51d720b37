"""A month paid to everyone: the ledger of its chunks, what waits to be written with it, what it came to."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import Provision
from households.models import Household, Member
from rsu.models import Commune, User

from .aid import Allowance, AllowanceLine


class MonthRun(models.Model):
    """The aid of one month for every household due it, closed when planned = paid + already written + not due.

    A correction reads a month already written again and records what is missing or too much.
    """

    class Kind(models.TextChoices):
        PAYMENT = "payment", _("mois à écrire")
        CORRECTION = "correction", _("mois à corriger")

    class Status(models.TextChoices):
        PLANNED = "planned", _("prévue")
        RUNNING = "running", _("en cours")
        CLOSED = "closed", _("close")
        FAILED = "failed", _("en échec")

    ENDED = (Status.CLOSED, Status.FAILED)

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PAYMENT)
    month = models.DateField(help_text="its first day")
    read_on = models.DateField(help_text="the day families are read on")
    on = models.DateField(help_text="the day it was asked for")
    status = models.CharField(max_length=7, choices=Status, default=Status.PLANNED)
    provision = models.ForeignKey(Provision, models.PROTECT, related_name="+", help_text="the amounts it applies")
    planned = models.BigIntegerField(default=0)
    reason = models.TextField(blank=True, help_text="why it corrects, or why it could not be closed")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("passage mensuel"), _("passages mensuels")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="month_run_one_at_a_time", fields=["month"], condition=Q(status__in=["planned", "running"]),
                violation_error_message=_("Ce mois est déjà en cours."),
            ),
            models.CheckConstraint(name="month_run_month_is_first_day", condition=Q(month__day=1)),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.kind} {self.month:%Y-%m}"


class MonthChunk(models.Model):
    """Households of a month that one worker writes in one transaction, listed when the run was planned."""

    MAX_ATTEMPTS = 5

    class Status(models.TextChoices):
        WAITING = "waiting", _("en attente")
        CLAIMED = "claimed", _("pris")
        DONE = "done", _("fait")
        FAILED = "failed", _("en échec")

    run = models.ForeignKey(MonthRun, models.CASCADE, related_name="chunks")
    position = models.IntegerField()
    households = ArrayField(models.BigIntegerField())
    size = models.IntegerField()
    status = models.CharField(max_length=7, choices=Status, default=Status.WAITING)
    attempts = models.SmallIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    claimed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    paid = models.IntegerField(default=0)
    already = models.IntegerField(default=0)
    not_due = models.JSONField(default=dict, help_text="{reason: households}")
    lines = models.IntegerField(default=0)
    amount = models.BigIntegerField(default=0, help_text="centimes")
    error = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("lot du mois"), _("lots du mois")
        ordering = ["run", "position"]
        indexes = [models.Index(fields=["status", "claimed_at"], name="month_chunk_to_do", condition=~Q(status="done"))]
        constraints = [models.UniqueConstraint(name="month_chunk_position_once", fields=["run", "position"])]

    def __str__(self):
        return f"{self.run_id}/{self.position}"


class MonthTally(models.Model):
    """What the month came to in a commune, by kind of line and provision: rows added with the allowances, summed by whoever reads.

    A row without kind counts the households and what they were paid: the other check on the sum of the lines.
    """

    month = models.DateField()
    commune = models.ForeignKey(Commune, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    kind = models.CharField(max_length=19, choices=AllowanceLine.Kind, blank=True)
    provision = models.ForeignKey(Provision, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+")
    belongs_to = models.DateField(null=True, help_text="another month than the one it was written with")
    count = models.IntegerField()
    amount = models.BigIntegerField(help_text="centimes")

    class Meta:
        verbose_name, verbose_name_plural = _("total du mois"), _("totaux du mois")
        ordering = ["month", "commune", "kind"]
        indexes = [models.Index(fields=["month", "commune"], name="month_tally_read")]

    def __str__(self):
        return f"{self.month:%Y-%m} {self.commune_id} {self.kind}"


class Overpayment(models.Model):
    """What a household received for a month and should not have; taken back only once somebody has decided so."""

    class State(models.TextChoices):
        RECORDED = "recorded", _("constaté")
        PROPOSED = "proposed", _("récupération proposée")
        RECOVERING = "recovering", _("en récupération")
        RECOVERED = "recovered", _("récupéré")
        WAIVED = "waived", _("abandonné")

    household = models.ForeignKey(Household, models.PROTECT, related_name="overpayments")
    month = models.DateField(help_text="first day of the month overpaid")
    amount = models.IntegerField(help_text="centimes")
    recovered = models.IntegerField(default=0, help_text="centimes taken back so far, or found owed after all")
    made_up = models.IntegerField(default=0, help_text="of these, centimes found owed after all by a correction: taken back from nobody")
    share = models.IntegerField(null=True, help_text="centimes a month, as decided")
    state = models.CharField(max_length=10, choices=State, default=State.RECORDED)
    reason = models.TextField()
    decision = models.TextField(blank=True, help_text="why it is recovered or waived")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("trop-perçu"), _("trop-perçus")
        ordering = ["-id"]
        indexes = [models.Index(fields=["id"], name="overpayment_decided", condition=Q(state__in=["recovering", "waived"]))]
        constraints = [
            models.CheckConstraint(name="overpayment_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="overpayment_never_recovered_twice", condition=Q(recovered__gte=0) & Q(recovered__lte=F("amount"))
            ),
            models.CheckConstraint(name="overpayment_made_up_is_recovered", condition=Q(made_up__gte=0) & Q(made_up__lte=F("recovered"))),
            models.CheckConstraint(
                name="overpayment_recovered_by_decision",
                condition=~Q(state="recovering") | Q(decided_by__isnull=False, decided_at__isnull=False, share__gt=0),
            ),
            models.CheckConstraint(
                name="overpayment_decided_by_another",
                condition=Q(decided_by=None) | Q(proposed_by=None) | ~Q(decided_by=F("proposed_by")),
                violation_error_message=_("Une autre personne que celle qui l’a proposée doit décider."),
            ),
            models.UniqueConstraint(
                name="overpayment_one_recovery", fields=["household"], condition=Q(state="recovering"),
                violation_error_message=_("Un autre trop-perçu de ce ménage est déjà en récupération."),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.household_id} {self.month:%Y-%m} {self.amount}"

    @property
    def left(self) -> int:
        return self.amount - self.recovered

    @property
    def taken_back(self) -> int:
        """Withheld from the family, by decision."""
        return self.recovered - self.made_up

    @property
    def state_words(self) -> str:
        """The state, where nothing was taken back not called a recovery."""
        return str(_("compensé par une correction") if self.made_up == self.amount else self.get_state_display())


class Correction(models.Model):
    """A month read again: what it should have been less what was written, line by line in `lines`."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="corrections")
    month = models.DateField(help_text="first day of the month corrected")
    amount = models.IntegerField(help_text="centimes: owed when positive, received too much when negative")
    overpayment = models.OneToOneField(Overpayment, models.PROTECT, null=True, related_name="correction")
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("correction d’un mois"), _("corrections de mois")
        ordering = ["household", "month", "id"]
        constraints = [
            models.CheckConstraint(
                name="correction_overpaid_or_owed",
                condition=Q(amount__lt=0, overpayment__isnull=False) | Q(amount__gte=0, overpayment=None),
            )
        ]

    def __str__(self):
        return f"{self.household_id} {self.month:%Y-%m} {self.amount}"


class DueLine(models.Model):
    """A line that waits for the next month written: of a correction, or a grant that was claimed.

    The lines of an overpayment are never written: they say what was received too much.
    """

    household = models.ForeignKey(Household, models.PROTECT, related_name="due_lines")
    belongs_to = models.DateField(help_text="first day of the month it is owed for")
    kind = models.CharField(max_length=19, choices=AllowanceLine.Kind)
    member = models.ForeignKey(Member, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+")
    rank = models.SmallIntegerField(null=True)
    amount = models.IntegerField(help_text="centimes")
    provision = models.ForeignKey(Provision, models.PROTECT, db_index=False, related_name="+")
    correction = models.ForeignKey(Correction, models.PROTECT, null=True, related_name="lines")
    withheld = models.BooleanField(default=False, help_text="of an overpayment: never written")
    written_in = models.ForeignKey(Allowance, models.PROTECT, null=True, related_name="due_lines")

    class Meta:
        verbose_name, verbose_name_plural = _("ligne à verser"), _("lignes à verser")
        ordering = ["household", "belongs_to", "id"]
        indexes = [models.Index(fields=["household"], name="due_line_waiting", condition=Q(written_in=None, withheld=False))]
        constraints = [models.CheckConstraint(name="due_line_withheld_is_not_written", condition=Q(withheld=False) | Q(written_in=None))]

    def __str__(self):
        return f"{self.household_id} {self.belongs_to:%Y-%m} {self.kind} {self.amount}"


class BirthClaim(models.Model):
    """A birth grant claimed: once a delivery, with the month of the claim."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="birth_claims")
    mother_idcs = models.CharField(max_length=10)
    delivered_on = models.DateField()
    delivery = models.SmallIntegerField(help_text="1 for the mother's first")
    child = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+", help_text="one of those born that day")
    line = models.OneToOneField(DueLine, models.PROTECT, related_name="claim")
    claimed_on = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("prime de naissance demandée"), _("primes de naissance demandées")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="birth_grant_once_a_delivery", fields=["mother_idcs", "delivered_on"],
                violation_error_message=_("La prime de cet accouchement a déjà été demandée."),
            ),
            models.UniqueConstraint(
                name="birth_grant_once_a_rank", fields=["mother_idcs", "delivery"],
                violation_error_message=_("La prime de cet accouchement a déjà été demandée."),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.mother_idcs} {self.delivered_on}"


class SchoolGrant(models.Model):
    """A child's school-start grant of one year, wherever the child lived: once a child and year."""

    idcs = models.CharField(max_length=10)
    year = models.SmallIntegerField()
    household = models.ForeignKey(Household, models.PROTECT, db_constraint=False, db_index=False, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("aide à la rentrée accordée"), _("aides à la rentrée accordées")
        ordering = ["-year", "idcs"]
        constraints = [models.UniqueConstraint(name="school_grant_once_a_year", fields=["idcs", "year"])]

    def __str__(self):
        return f"{self.idcs} {self.year}"
