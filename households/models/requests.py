"""Request: what somebody declared and when, from the draft to the answer."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rsu.models import Commune, User, append_only

from .people import Household


class Request(models.Model):
    """What somebody declared and when; `answers` is the whole declaration, `before` what stood until it was applied.

    A draft belongs to whoever works on it; `token` is the form's own mark: the same form sent twice is one request.
    An update begins with the household's present answers in `answers` and in `before`; applied, it keeps in `after` what stands
    then. `details` holds what its occasion needs: who left, on what day, who becomes head.
    """

    class Kind(models.TextChoices):
        REGISTRATION = "registration", _("enregistrement")
        UPDATE = "update", _("mise à jour")
        SCORE_REVIEW = "score_review", _("révision de l’indice")
        COMPLAINT = "complaint", _("réclamation")
        STRIKING_OFF = "striking_off", _("radiation")

    class Occasion(models.TextChoices):
        MOVE = "move", _("déménagement")
        DEPARTURE = "departure", _("départ d’une personne")
        DEATH = "death", _("décès")
        SPLIT = "split", _("nouveau ménage fondé par des membres")
        MERGE = "merge", _("réunion de deux ménages")
        TRANSFER = "transfer", _("arrivée depuis un autre ménage")

    class Status(models.TextChoices):
        DRAFT = "draft", _("brouillon")
        IN_PROGRESS = "in_progress", _("en cours")
        PROCESSED = "processed", _("traitée")
        PARTIALLY_ACCEPTED = "partially_accepted", _("acceptée en partie")
        REJECTED = "rejected", _("rejetée")

    token = models.UUIDField(unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    occasion = models.CharField(max_length=9, choices=Occasion, blank=True)
    status = models.CharField(max_length=18, choices=Status, default=Status.DRAFT)
    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="requests")
    other = models.ForeignKey(
        Household,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="the household it absorbs, founds or receives people from",
    )
    commune = models.ForeignKey(Commune, models.PROTECT, null=True, blank=True, related_name="+", help_text="whose work this is")
    answers = models.JSONField(default=dict)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    details = models.JSONField(default=dict, blank=True)
    touched = ArrayField(models.CharField(max_length=60), default=list, blank=True, help_text="answers it changes, as `person.field`")
    reason = models.TextField(blank=True, help_text="what the family says")
    answer = models.TextField(blank=True, help_text="what the family is answered")
    assignee = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField(null=True, blank=True, help_text="last day for the answer")
    second = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, help_text="why a second person must sign, as the law names it"
    )
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(auto_now=True)
    submitted_on = models.DateField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    processed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    processed_at = models.DateTimeField(null=True, blank=True)
    undoes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="undone_by")

    class Meta:
        verbose_name, verbose_name_plural = _("demande"), _("demandes")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["created_by", "status", "-saved_at"], name="request_my_drafts"),
            models.Index(fields=["household", "-id"], name="request_by_household"),
            models.Index(fields=["commune", "due_on", "id"], name="request_waiting", condition=Q(status="in_progress")),
            models.Index(fields=["assignee", "due_on", "id"], name="request_assigned", condition=Q(status="in_progress")),
        ]
        constraints = [
            models.CheckConstraint(
                name="request_processed_is_complete",
                condition=~Q(status="processed")
                | Q(household__isnull=False, processed_by__isnull=False, processed_at__isnull=False, submitted_on__isnull=False),
            ),
            models.UniqueConstraint(name="request_undone_once", fields=["undoes"], condition=~Q(status="rejected")),
            models.CheckConstraint(
                name="request_sent_is_dated",
                condition=Q(status__in=["draft", "rejected"]) | Q(submitted_on__isnull=False),
            ),
            models.CheckConstraint(
                name="request_signed_by_a_second_person",
                condition=~Q(status="processed") | Q(second=[]) | ~Q(processed_by=F("submitted_by")),
                violation_error_message=_("Cette demande doit être approuvée par une autre personne que celle qui l’a envoyée."),
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @property
    def title(self) -> str:
        """Its occasion where it has one, its kind otherwise; a striking off says whether it is of everybody."""
        if self.kind == self.Kind.STRIKING_OFF:
            return gettext("radiation d’une personne") if self.details.get("people") else gettext("radiation du ménage")
        return str(self.get_occasion_display() or self.get_kind_display())


class RequestMove(models.Model):
    """One change of status of a request: who, why and when; never edited."""

    request = models.ForeignKey(Request, models.PROTECT, related_name="moves")
    before = models.CharField(max_length=18, choices=Request.Status, blank=True)
    after = models.CharField(max_length=18, choices=Request.Status)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("étape d’une demande"), _("étapes d’une demande")
        ordering = ["request", "id"]
        triggers = append_only("request_move")

    def __str__(self):
        return f"{self.request_id} {self.before}→{self.after}"


class RequestNote(models.Model):
    """A remark of whoever handles the request; never edited."""

    request = models.ForeignKey(Request, models.PROTECT, related_name="notes")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    text = models.TextField()

    class Meta:
        verbose_name, verbose_name_plural = _("remarque"), _("remarques")
        ordering = ["request", "id"]
        triggers = append_only("request_note")

    def __str__(self):
        return f"{self.request_id} {self.at:%Y-%m-%d}"
