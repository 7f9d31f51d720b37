"""Papers given to families: what they say is frozen the day they are issued, and printed again as they were."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from households.models import Household, Request
from rsu.models import User, append_only

SHORT = 8
"""Characters of a digest that a person compares."""


class Notice(models.Model):
    """A decision told to a household, or the receipt of a request.

    A chain: each notice replaces the one before it on the same subject, and there is a new one only when what it tells has changed.
    The paper is kept with what it says, so that it is printed again to the byte whatever becomes of the names, the law, the
    program that sets the type or its fonts.
    """

    class Kind(models.TextChoices):
        DECISION = "decision", _("notification de décision")
        RECEIPT = "receipt", _("reçu de demande")

    reference = models.CharField(max_length=12, unique=True, help_text="eligibility.references")
    kind = models.CharField(max_length=8, choices=Kind)
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="notices")
    request = models.ForeignKey(Request, models.PROTECT, null=True, related_name="receipts")
    on = models.DateField(help_text="the day of the notice")
    counts_from = models.DateField(help_text="the day the same decision was first told: time limits run from it")
    content = models.JSONField(help_text="`told` is what it tells, `issued` what depends on the day and the reference, `words` the labels")
    digest = models.CharField(max_length=64, help_text="SHA-256 of `told`; its beginning is printed on the paper")
    determinations = ArrayField(models.BigIntegerField(), default=list)
    renderer = models.CharField(max_length=40)
    pdf = models.BinaryField()
    pdf_digest = models.CharField(max_length=64, help_text="SHA-256 of the paper")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("notification"), _("notifications")
        ordering = ["-id"]
        indexes = [models.Index(fields=["household", "-id"], name="notice_by_household")]
        constraints = [
            models.UniqueConstraint(
                name="notice_one_first",
                fields=["kind", "household", "request"],
                condition=Q(replaces=None),
                nulls_distinct=False,
                violation_error_message=_("Une notification sur le même sujet existe déjà."),
            ),
            models.CheckConstraint(
                name="notice_has_its_subject",
                condition=Q(kind="decision", household__isnull=False, request=None) | Q(kind="receipt", request__isnull=False),
            ),
            models.CheckConstraint(name="notice_reference_letters", condition=Q(reference__regex=r"^[0-9A-HJKMNP-TV-Z]{12}$")),
            models.CheckConstraint(
                name="notice_digests_whole", condition=Q(digest__regex=r"^[0-9a-f]{64}$", pdf_digest__regex=r"^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(name="notice_limits_run_from_the_past", condition=Q(counts_from__lte=F("on"))),
            models.CheckConstraint(name="notice_replaces_another", condition=Q(replaces=None) | ~Q(replaces=F("id"))),
        ]
        triggers = append_only("notice")

    def __str__(self):
        return f"{self.kind} {self.reference}"

    @property
    def short_digest(self) -> str:
        return self.digest[:SHORT]
