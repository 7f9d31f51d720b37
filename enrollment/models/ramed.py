"""RAMED beneficiaries moved to AMO in one night: the file, its lots, the rows that did not simply pass, and the cover each person got.

Cover stands in a table of its own: the exclusion constraint of Enrollment costs a minute a million rows, and most of these people
live in no registered household yet. A person has one row here at most, and the database refuses the same day in both tables.
"""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from households.models import Household
from rsu.models import Commune, Milieu, User, append_only

from .cover import COVERS, Enrollment
from .overlaps import not_enrolled_meanwhile


class RamedMigration(models.Model):
    """One file of principals and dependants, taken in once: read, checked, loaded by lots, closed when every row is counted once.

    Rows read = covered + covered already + set aside + in the queue + refused.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", _("reçu")
        RUNNING = "running", _("en cours")
        CLOSED = "closed", _("terminé")
        FAILED = "failed", _("en échec")

    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the bytes")
    size = models.BigIntegerField(help_text="bytes")
    encoding = models.CharField(max_length=12, blank=True, help_text="of a CSV; empty for a workbook")
    separator = models.CharField(max_length=1, blank=True)
    covered_from = models.DateField(help_text="first day of cover")
    covered_until = models.DateField(help_text="exclusive: from this day the score decides")
    status = models.CharField(max_length=8, choices=Status, default=Status.PLANNED)
    rows = models.IntegerField(null=True, help_text="rows of the file; NULL until all of it has been read")
    reason = models.TextField(blank=True, help_text="why it failed, in a sentence")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    received_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True, help_text="when the bytes and what the rows say were removed")

    class Meta:
        verbose_name, verbose_name_plural = _("bascule du RAMED"), _("bascules du RAMED")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="ramed_closed_was_read", condition=~Q(status="closed") | Q(rows__isnull=False)),
            models.CheckConstraint(name="ramed_covers_some_days", condition=Q(covered_from__lt=F("covered_until"))),
        ]

    def __str__(self):
        return self.name

    @property
    def is_workbook(self) -> bool:
        return not self.encoding

    @property
    def ended(self) -> bool:
        return self.status in (self.Status.CLOSED, self.Status.FAILED)

    @property
    def kept_until(self):
        """The day the file and what its refused rows say are removed."""
        return (self.received_at + timedelta(days=settings.IMPORT_KEEP_DAYS)).date()


class RamedLot(models.Model):
    """A lot of one step: some rows read from a place of the file, or the rows `first` to `last` checked, then loaded.

    Claimed by a worker, done and closed in one transaction. A step begins when the one before it is done.
    """

    MAX_ATTEMPTS = 5

    class Step(models.TextChoices):
        READ = "1_read", _("lecture")
        CHECK = "2_check", _("vérification")
        LOAD = "3_load", _("bascule")

    class Status(models.TextChoices):
        WAITING = "waiting", _("en attente")
        CLAIMED = "claimed", _("pris")
        DONE = "done", _("fait")
        FAILED = "failed", _("en échec")

    migration = models.ForeignKey(RamedMigration, models.CASCADE, related_name="lots")
    step = models.CharField(max_length=7, choices=Step)
    first = models.IntegerField(help_text="row of the file, its headings being row 1")
    last = models.IntegerField(null=True)
    place = models.BigIntegerField(default=0, help_text="of a reading: the byte it begins at")
    size = models.IntegerField(default=0, help_text="rows")
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    attempts = models.SmallIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    claimed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    covered = models.IntegerField(default=0)
    principals = models.IntegerField(default=0, help_text="of those covered")
    already = models.IntegerField(default=0)
    aside = models.IntegerField(default=0)
    queued = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("lot d’une bascule"), _("lots d’une bascule")
        ordering = ["migration", "step", "first"]
        indexes = [models.Index(fields=["status", "claimed_at"], name="ramed_lot_to_do", condition=~Q(status="done"))]
        constraints = [
            models.UniqueConstraint(name="ramed_lot_once", fields=["migration", "step", "first"]),
            models.CheckConstraint(
                name="ramed_lot_counts_every_row",
                condition=~Q(status="done", step="3_load") | Q(size=F("covered") + F("already") + F("aside") + F("queued") + F("refused")),
            ),
        ]

    def __str__(self):
        return f"{self.migration_id}/{self.step}/{self.first}"


class RamedRow(models.Model):
    """A row that did not simply pass: set aside, refused, or in the queue until somebody settles it.

    `kind` says why (ramed/defects.py); `cells` is the row as sent, `problems` `[{kind, column, value}]`. Emptied when forgotten.
    """

    class Outcome(models.TextChoices):
        ASIDE = "aside", _("écartée")
        QUEUED = "queued", _("à régler")
        REFUSED = "refused", _("refusée")

    class Settled(models.TextChoices):
        ACCEPTED = "accepted", _("acceptée")
        CORRECTED = "corrected", _("acceptée, IDCS corrigé")
        FOLLOWED = "followed", _("acceptée avec son assuré principal")
        REJECTED = "rejected", _("rejetée")

    migration = models.ForeignKey(RamedMigration, models.DO_NOTHING, db_constraint=False, related_name="unmoved")
    number = models.IntegerField(help_text="in the file, the headings being row 1")
    outcome = models.CharField(max_length=7, choices=Outcome)
    kind = models.CharField(max_length=20)
    problems = models.JSONField(default=list)
    cells = models.JSONField(default=dict)
    principal = models.BooleanField()
    card = models.CharField(max_length=20, blank=True, help_text="RAMED number of this person")
    holder = models.CharField(max_length=20, blank=True, help_text="RAMED number of the principal; a principal's own")
    idcs = models.CharField(max_length=10, blank=True)
    born_on = models.DateField(null=True)
    sex = models.CharField(max_length=6, blank=True)
    commune = models.ForeignKey(Commune, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    settled = models.CharField(max_length=9, choices=Settled, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("ligne non basculée"), _("lignes non basculées")
        ordering = ["migration", "number"]
        indexes = [
            models.Index(fields=["commune", "id"], name="ramed_row_to_settle", condition=Q(outcome="queued", settled="")),
            models.Index(fields=["migration", "holder"], name="ramed_row_by_principal", condition=Q(outcome="queued", settled="")),
        ]
        constraints = [
            models.UniqueConstraint(name="ramed_row_once", fields=["migration", "number"]),
            models.CheckConstraint(
                name="ramed_row_settled_by_somebody",
                condition=Q(settled="", settled_by=None, settled_at=None)
                | Q(outcome="queued", settled_by__isnull=False, settled_at__isnull=False) & ~Q(settled=""),
            ),
            models.CheckConstraint(name="ramed_row_rejected_with_reason", condition=~Q(settled="rejected") | ~Q(reason="")),
        ]

    def __str__(self):
        return f"{self.migration_id}:{self.number}"

    def name(self, script: str) -> str:
        return " ".join(filter(None, (self.cells.get(f"first_name_{script}", ""), self.cells.get(f"last_name_{script}", ""))))

    @property
    def name_fr(self) -> str:
        return self.name("fr") or self.name("ar")

    @property
    def name_ar(self) -> str:
        return self.name("ar") or self.name("fr")


class MigratedCover(models.Model):
    """The health cover a person got from a RAMED file, until an enrollment takes it over or it ends; statuses of lifecycle.py.

    `active`: taken over by `enrollment` on the day `until`. Names and birth are as the file says, for showing.
    """

    Status = Enrollment.Status

    migration = models.ForeignKey(RamedMigration, models.PROTECT, db_constraint=False, db_index=False, related_name="covers")
    number = models.IntegerField(help_text="row of the file")
    idcs = models.CharField(max_length=10)
    principal_idcs = models.CharField(max_length=10, help_text="of the unit: the insured person")
    quality = models.CharField(max_length=9, choices=Enrollment.Quality)
    card = models.CharField(max_length=20)
    last_name_fr = models.CharField(max_length=60, blank=True)
    first_name_fr = models.CharField(max_length=60, blank=True)
    last_name_ar = models.CharField(max_length=60, blank=True)
    first_name_ar = models.CharField(max_length=60, blank=True)
    sex = models.CharField(max_length=6)
    born_on = models.DateField()
    birth_precision = models.CharField(max_length=5, default="day")
    commune = models.ForeignKey(Commune, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+")
    milieu = models.CharField(max_length=5, choices=Milieu, blank=True, help_text="in which it is counted")
    status = models.CharField(max_length=9, choices=Enrollment.Status, default=Enrollment.Status.MIGRATED)
    since = models.DateField()
    until = models.DateField(help_text="exclusive")
    household = models.ForeignKey(Household, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+")
    synthetic = models.BooleanField(default=False, help_text="an invented person")

    class Meta:
        verbose_name, verbose_name_plural = _("couverture basculée"), _("couvertures basculées")
        ordering = ["id"]
        triggers = not_enrolled_meanwhile(COVERS)
        indexes = [
            models.Index(fields=["principal_idcs"], name="migrated_cover_unit"),
            models.Index(fields=["id"], name="migrated_cover_running", condition=Q(status="migrated")),
            models.Index(fields=["until"], name="migrated_cover_until"),
            models.Index(fields=["household"], name="migrated_cover_household", condition=Q(household__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                name="person_migrated_once", fields=["idcs"], violation_error_message=_("Cette personne a déjà été basculée du RAMED.")
            ),
            models.UniqueConstraint(name="migrated_cover_row_once", fields=["migration", "number"]),
            models.CheckConstraint(name="migrated_cover_forward", condition=Q(since__lte=F("until"))),
            models.CheckConstraint(name="migrated_cover_status", condition=Q(status__in=["migrated", "active", "ended"])),
            models.CheckConstraint(
                name="migrated_cover_taken_over", condition=Q(status="active", enrollment__isnull=False) | ~Q(status="active")
            ),
            models.CheckConstraint(name="migrated_cover_idcs_pattern", condition=Q(idcs__regex=r"^[2-9][0-9]{9}$")),
        ]

    def __str__(self):
        return f"{self.idcs} {self.status}"

    @property
    def name_fr(self) -> str:
        return f"{self.first_name_fr} {self.last_name_fr}".strip() or f"{self.first_name_ar} {self.last_name_ar}".strip()

    @property
    def name_ar(self) -> str:
        return f"{self.first_name_ar} {self.last_name_ar}".strip() or self.name_fr


class MigratedMove(models.Model):
    """One change of status of a migrated cover, as EnrollmentMove keeps those of enrollments: who, why and when; never edited."""

    cover = models.ForeignKey(MigratedCover, models.PROTECT, db_constraint=False, related_name="moves")
    before = models.CharField(max_length=9, choices=Enrollment.Status, blank=True)
    after = models.CharField(max_length=9, choices=Enrollment.Status)
    by = models.ForeignKey(User, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("changement d’une couverture basculée"), _("changements de couvertures basculées")
        ordering = ["cover", "id"]
        indexes = [models.Index(fields=["id"], name="migrated_move_ended", condition=Q(after="ended"))]
        triggers = append_only("migrated_move")

    def __str__(self):
        return f"{self.cover_id} {self.before}→{self.after}"
