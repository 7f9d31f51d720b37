"""Who works here, for whom and where: users, agencies, the geography, and the trace of every deed."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from pgtrigger import Before, Delete, Protect, Statement, Trigger, Truncate, Update


def append_only(name: str) -> list:
    """Triggers that make a table accept rows and never change or lose one, TRUNCATE included."""
    return [
        Protect(name=f"{name}_keeps_rows", operation=Update | Delete),
        Trigger(
            name=f"{name}_keeps_all",
            operation=Truncate,
            level=Statement,
            when=Before,
            func=f"RAISE EXCEPTION '{name} is append-only: it cannot be truncated';",
        ),
    ]


class Milieu(models.TextChoices):
    URBAN = "urban", _("urbain")
    RURAL = "rural", _("rural")


class NamedPlace(models.Model):
    """A place with its official names; `code` is the census office's dotted code, text because of leading zeros."""

    id = models.IntegerField(primary_key=True, help_text="the code's digits as a number")
    code = models.CharField(max_length=12, unique=True)
    name_fr = models.CharField(max_length=80)
    name_ar = models.CharField(max_length=80)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        return self.name_ar if get_language() == "ar" else self.name_fr


class Region(NamedPlace):
    """One of the 12; `id` is 1 to 12, the number the formula's coefficients are kept under."""

    class Meta:
        verbose_name, verbose_name_plural = _("région"), _("régions")
        ordering = ["id"]


class Province(NamedPlace):
    class Kind(models.TextChoices):
        PROVINCE = "province", _("province")
        PREFECTURE = "prefecture", _("préfecture")

    kind = models.CharField(max_length=10, choices=Kind)
    region = models.ForeignKey(Region, models.PROTECT, related_name="provinces")

    class Meta:
        verbose_name, verbose_name_plural = _("province ou préfecture"), _("provinces et préfectures")
        ordering = ["id"]


class Commune(NamedPlace):
    """A commune or an urban arrondissement: the smallest area a user may have."""

    milieu = models.CharField(max_length=5, choices=Milieu)
    has_urban_center = models.BooleanField(
        default=False, help_text="a rural commune with an urban centre: the household must say where it lives"
    )
    province = models.ForeignKey(Province, models.PROTECT, related_name="communes")
    region = models.ForeignKey(Region, models.PROTECT, related_name="communes")

    class Meta:
        verbose_name, verbose_name_plural = _("commune"), _("communes et arrondissements")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="commune_center_only_in_rural",
                condition=models.Q(has_urban_center=False) | models.Q(milieu=Milieu.RURAL),
            )
        ]


class User(AbstractUser):
    """A person who works with the registry, an agency, or the engine itself: every deed has one.

    `area_level` says how far the eyes reach; NOWHERE, the default, sees nothing.
    """

    class Role(models.TextChoices):
        CASEWORKER = "caseworker", _("agent d’enregistrement")
        SUPERVISOR = "supervisor", _("superviseur")
        ADMINISTRATOR = "administrator", _("administrateur")
        AUDITOR = "auditor", _("auditeur")
        AGENCY = "agency", _("organisme partenaire")
        ENGINE = "engine", _("moteur")

    class AreaLevel(models.TextChoices):
        NOWHERE = "nowhere", _("aucun territoire")
        COMMUNE = "commune", _("commune")
        PROVINCE = "province", _("province ou préfecture")
        REGION = "region", _("région")
        KINGDOM = "kingdom", _("royaume")

    role = models.CharField(_("rôle"), max_length=13, choices=Role, default=Role.CASEWORKER)
    area_level = models.CharField(_("étendue"), max_length=8, choices=AreaLevel, default=AreaLevel.NOWHERE)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("région"))
    province = models.ForeignKey(Province, models.PROTECT, null=True, blank=True, verbose_name=_("province"))
    commune = models.ForeignKey(Commune, models.PROTECT, null=True, blank=True, verbose_name=_("commune"))
    vouched_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("garant"),
        help_text="who made the account, gave it its role or its password; empty for those the installation made",
    )  # fmt: skip
    language = models.CharField(_("langue"), max_length=2, choices=[("fr", "français"), ("ar", "العربية")], default="fr")

    class Meta(AbstractUser.Meta):
        verbose_name, verbose_name_plural = _("compte"), _("comptes")
        constraints = [
            models.CheckConstraint(
                name="user_area_matches_level",
                condition=(
                    models.Q(area_level__in=["nowhere", "kingdom"], region=None, province=None, commune=None)
                    | models.Q(area_level="region", region__isnull=False, province=None, commune=None)
                    | models.Q(area_level="province", region=None, province__isnull=False, commune=None)
                    | models.Q(area_level="commune", region=None, province=None, commune__isnull=False)
                ),
                violation_error_message=_(
                    "Le territoire doit correspondre à l’étendue choisie : une commune, une province, une région, ou aucun."
                ),
            )
        ]

    def __str__(self):
        if self.role == self.Role.ENGINE:
            return str(self.get_role_display())
        return self.get_full_name() or self.username

    @property
    def place(self) -> NamedPlace | None:
        return self.commune or self.province or self.region


class Agency(models.Model):
    """A partner and its agreement: what it may read, where, for which programs and purposes, and until when.

    Its area is its user's. Its OAuth client belongs to the same user.
    """

    user = models.OneToOneField(User, models.PROTECT, related_name="agency")
    code = models.SlugField(max_length=30, unique=True)
    name_fr = models.CharField(max_length=120)
    name_ar = models.CharField(max_length=120)
    programs = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    attributes = ArrayField(
        models.CharField(max_length=30), default=list, blank=True, help_text="what answers may hold beside the right itself"
    )
    purposes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    feeds = ArrayField(
        models.CharField(max_length=10), default=list, blank=True, help_text="what it may deliver to verify answers, as kinds of imports"
    )
    since = models.DateField()
    until = models.DateField(help_text="exclusive")

    class Meta:
        verbose_name, verbose_name_plural = _("organisme partenaire"), _("organismes partenaires")
        ordering = ["code"]
        constraints = [models.CheckConstraint(name="agency_period_forward", condition=models.Q(since__lt=models.F("until")))]

    def __str__(self):
        return self.name_ar if get_language() == "ar" else self.name_fr


class AuditEvent(models.Model):
    """Who did what to whom and why, written in the deed's own transaction."""

    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    verb = models.CharField(max_length=40)
    household_id = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=80, blank=True, help_text="what was acted upon, as `kind:id`")
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name, verbose_name_plural = _("événement du journal"), _("événements du journal")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["household_id", "-id"], name="audit_by_household"),
            models.Index(fields=["by", "-id"], name="audit_by_actor"),
        ]
        triggers = append_only("audit_event")

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.by} {self.verb} {self.subject}"


class AuditSeal(models.Model):
    """One link of the chain over committed events: `digest` = SHA-256 of the digest before and the event's canonical text."""

    event = models.OneToOneField(AuditEvent, models.PROTECT, primary_key=True, related_name="seal")
    position = models.BigIntegerField(unique=True)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name, verbose_name_plural = _("sceau du journal"), _("sceaux du journal")
        ordering = ["position"]
        triggers = append_only("audit_seal")

    def __str__(self):
        return f"{self.position} {self.digest[:12]}"
