"""Evidence: a photograph or a PDF a family brings to prove an answer."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rsu.models import User

from .requests import Request


class Evidence(models.Model):
    """A file attached to a request and, through it, to its household. The bytes stand outside the web root under `token`,
    as the family gave them: `sha256` is theirs. The name the file had is not kept, for it may say who somebody is."""

    class Proves(models.TextChoices):
        IDENTITY = "identity", _("identité (CIN, titre de séjour)")
        FAMILY = "family", _("composition de la famille (livret de famille, acte de naissance)")
        MARRIAGE = "marriage", _("mariage ou divorce")
        DEATH = "death", _("décès du père ou du conjoint")
        CHARGE = "charge", _("garde, kafala ou tutelle")
        SCHOOLING = "schooling", _("scolarité")
        WORK = "work", _("travail et revenus")
        COVER = "cover", _("couverture maladie ou autres allocations")
        DISABILITY = "disability", _("handicap")
        RESIDENCE = "residence", _("adresse et logement")
        BILLS = "bills", _("factures d’eau, d’électricité ou de téléphone")
        PROPERTY = "property", _("biens (véhicule, terre, logement)")
        OTHER = "other", _("autre pièce")

    class Format(models.TextChoices):
        JPEG = "jpeg", _("photo")
        PNG = "png", _("image")
        PDF = "pdf", _("document")

    token = models.UUIDField(unique=True, default=uuid.uuid4, help_text="the file's name on the disk")
    request = models.ForeignKey(Request, models.PROTECT, related_name="evidence")
    proves = models.CharField(max_length=10, choices=Proves)
    note = models.CharField(max_length=80, blank=True)
    format = models.CharField(max_length=4, choices=Format, help_text="read in the bytes, never in the name")
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("pièce justificative"), _("pièces justificatives")
        ordering = ["request", "id"]
        constraints = [
            models.CheckConstraint(name="evidence_is_not_empty", condition=Q(size__gt=0)),
            models.CheckConstraint(name="evidence_sha256_pattern", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")),
            models.UniqueConstraint(
                name="evidence_same_file_once",
                fields=["request", "sha256", "proves"],
                violation_error_message=_("Cette pièce est déjà jointe à cette demande."),
            ),
        ]

    def __str__(self):
        return f"{self.get_proves_display()}"
