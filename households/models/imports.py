"""Files of rows sent by people: what was received, what each lot of it became, and the rows that were refused."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rsu.models import Agency, User


class Import(models.Model):
    """A file, taken in once by whoever sent it: read, applied by lots, closed when every row read is counted once.

    Rows read = applied + already so + refused, and for a partner's file + contradicted + unknown. The bytes and the refused rows
    are forgotten after a while; the counts stay.
    """

    class Kind(models.TextChoices):
        HOUSEHOLDS = "households", _("ménages à enregistrer")
        COVER = "cover", _("couvertures vérifiées par un partenaire")
        ALLOWANCES = "allowances", _("allocations familiales d’autres régimes")
        SCHOOLING = "schooling", _("inscriptions scolaires")
        DISABILITY = "disability", _("attestations de handicap")
        BIRTHS = "births", _("naissances")
        DEATHS = "deaths", _("décès")
        MARRIAGES = "marriages", _("mariages et divorces")

    class Status(models.TextChoices):
        PLANNED = "planned", _("reçu")
        RUNNING = "running", _("en cours")
        CLOSED = "closed", _("terminé")
        FAILED = "failed", _("en échec")

    kind = models.CharField(max_length=10, choices=Kind)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="+", help_text="whose answers a partner's file gives"
    )
    as_of = models.DateField(null=True, help_text="the day a delivery's data were true; NULL when each row says its own")
    number = models.IntegerField(null=True, help_text="of a delivery, among those of its agency and kind, from 1")
    token = models.UUIDField(null=True, help_text="the sender's own mark: sent twice, it is one delivery")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the bytes")
    size = models.IntegerField(help_text="bytes")
    encoding = models.CharField(max_length=12, blank=True, help_text="of a CSV; empty for a workbook")
    separator = models.CharField(max_length=1, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.PLANNED)
    rows = models.IntegerField(null=True, help_text="rows read; NULL until the file has been read")
    reason = models.TextField(blank=True, help_text="why it failed, in a sentence")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    received_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True, help_text="when the bytes and the refused rows were removed")

    class Meta:
        verbose_name, verbose_name_plural = _("import"), _("imports")
        ordering = ["-id"]
        indexes = [models.Index(fields=["by", "-id"], name="import_by_sender")]
        constraints = [
            models.UniqueConstraint(
                name="import_file_once_by_sender", fields=["by", "kind", "digest", "agency", "as_of"], nulls_distinct=False
            ),
            models.UniqueConstraint(name="import_number_once", fields=["agency", "kind", "number"]),
            models.UniqueConstraint(name="import_token_once", fields=["by", "token"]),
            models.CheckConstraint(name="import_closed_was_read", condition=~Q(status="closed") | Q(rows__isnull=False)),
            models.CheckConstraint(name="import_of_a_partner_names_it", condition=~Q(kind="households") ^ Q(agency=None)),
        ]

    def __str__(self):
        return self.name

    @property
    def is_workbook(self) -> bool:
        return not self.encoding

    @property
    def is_delivery(self) -> bool:
        """A partner's, and not families to register."""
        return self.kind != self.Kind.HOUSEHOLDS

    @property
    def ended(self) -> bool:
        return self.status in (self.Status.CLOSED, self.Status.FAILED)

    @property
    def kept_until(self):
        """The day the file and its refused rows are removed."""
        return (self.received_at + timedelta(days=settings.IMPORT_KEEP_DAYS)).date()


class ImportChunk(models.Model):
    """A lot of an import: the households numbered `first` to `last` in the file. Lot 0 is the reading of the file itself.

    Claimed by a worker, done and closed in one transaction; what is counted is rows.
    """

    MAX_ATTEMPTS = 5

    class Status(models.TextChoices):
        WAITING = "waiting", _("en attente")
        CLAIMED = "claimed", _("pris")
        DONE = "done", _("fait")
        FAILED = "failed", _("en échec")

    importing = models.ForeignKey(Import, models.CASCADE, related_name="chunks")
    position = models.IntegerField()
    first = models.IntegerField(null=True)
    last = models.IntegerField(null=True)
    size = models.IntegerField(default=0, help_text="rows")
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    attempts = models.SmallIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    claimed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    applied = models.IntegerField(default=0)
    already = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    contradicted = models.IntegerField(default=0)
    unknown = models.IntegerField(default=0)
    households = models.IntegerField(default=0, help_text="registered by this lot")
    error = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("lot d’un import"), _("lots d’un import")
        ordering = ["importing", "position"]
        indexes = [models.Index(fields=["status", "claimed_at"], name="import_chunk_to_do", condition=~Q(status="done"))]
        constraints = [
            models.UniqueConstraint(name="import_chunk_position_once", fields=["importing", "position"]),
            models.CheckConstraint(
                name="import_chunk_is_a_range",
                condition=Q(position=0, first=None, last=None) | Q(position__gt=0, first__isnull=False, last__gte=F("first")),
            ),
            models.CheckConstraint(
                name="import_chunk_counts_every_row",
                condition=~Q(status="done") | Q(size=F("applied") + F("already") + F("refused") + F("contradicted") + F("unknown")),
            ),
        ]

    def __str__(self):
        return f"{self.importing_id}/{self.position}"


class ImportRow(models.Model):
    """A row of a file from its reading until it is applied; one that is refused stays with its problems until it is forgotten.

    `cells` are the answers as written, by column; emptied for somebody the registry does not know. `problems` is NULL until the lot
    is done, then `[{column, value, fr, ar, confirm}]`, empty on the sound rows of a refused household.
    """

    importing = models.ForeignKey(Import, models.DO_NOTHING, db_constraint=False, related_name="read_rows")
    number = models.IntegerField(help_text="in the file, the headings being row 1")
    family = models.IntegerField(help_text="which household of the file, from 1")
    cells = models.JSONField(default=dict)
    problems = models.JSONField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("ligne d’un import"), _("lignes d’un import")
        ordering = ["importing", "number"]
        indexes = [models.Index(fields=["importing", "family"], name="import_row_family")]
        constraints = [models.UniqueConstraint(name="import_row_once", fields=["importing", "number"])]

    def __str__(self):
        return f"{self.importing_id}:{self.number}"
