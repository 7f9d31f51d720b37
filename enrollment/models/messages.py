"""What a family is told of its rights: the dated notice of each decision, and the messages that say there is one."""

import hashlib
import json

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from eligibility.models.notices import SHORT
from households.models import Household
from rsu.models import User, append_only

from .cover import EnrollmentMove, Scheme


class Contact(models.Model):
    """How a household wishes to be reached; its telephone stays with its answers. No row: by SMS, in both languages."""

    class Language(models.TextChoices):
        FR = "fr", _("français")
        AR = "ar", _("arabe")

    household = models.OneToOneField(Household, models.PROTECT, related_name="contact")
    language = models.CharField(max_length=2, choices=Language, blank=True, help_text="empty: both")
    email = models.EmailField(blank=True)
    no_sms = models.BooleanField(default=False)
    no_email = models.BooleanField(default=False)
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("coordonnées du ménage"), _("coordonnées des ménages")

    def __str__(self):
        return f"{self.household_id}"


class RightNotice(models.Model):
    """One decision on a household's right in one program, told on its day: what, why, from when, until when, what to do.

    What it says is frozen in `content`; it is set in type when it is printed. `printed_at` is the last time it was. One that
    announced what will not come is `withdrawn_on` a day: it goes out no more.
    """

    class Deed(models.TextChoices):
        OPENED = "opened", _("droit ouvert")
        KEPT = "kept", _("droit maintenu")
        REVIEWED = "reviewed", _("droit à l’examen")
        SUSPENDED = "suspended", _("droit suspendu")
        RESUMED = "resumed", _("droit repris")
        ENDED = "ended", _("fin du droit")
        REFUSED = "refused", _("droit refusé")
        WARNED = "warned", _("préavis")
        AMOUNT = "amount", _("montant changé")
        UNPAID = "unpaid", _("mois non versé")
        CORRECTED = "corrected", _("mois corrigé")
        RECOVERY = "recovery", _("décision sur un trop-perçu")
        RETURNED = "returned", _("versement rejeté")
        ANSWERED = "answered", _("réponse à un recours")

    reference = models.CharField(max_length=12, unique=True, help_text="eligibility.references")
    household = models.ForeignKey(Household, models.PROTECT, related_name="right_notices")
    program = models.CharField(max_length=11, choices=Scheme, blank=True, help_text="empty: an answer about the score itself")
    deed = models.CharField(max_length=9, choices=Deed)
    on = models.DateField(help_text="the day of the decision: time limits run from it")
    appeal_until = models.DateField(null=True, help_text="last day to contest, included; NULL when nothing was decided against the family")
    content = models.JSONField(help_text="enrollment.notices: what the sentences are made from")
    created_at = models.DateTimeField(auto_now_add=True)
    printed_at = models.DateTimeField(null=True)
    printed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_on = models.DateField(null=True, help_text="of a forewarning: what it announced will not come")

    class Meta:
        verbose_name, verbose_name_plural = _("notification d’un droit"), _("notifications de droits")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["household", "-id"], name="right_notice_of_household"),
            models.Index(fields=["on", "program", "deed"], name="right_notice_of_day"),
        ]
        constraints = [
            models.CheckConstraint(name="right_notice_letters", condition=Q(reference__regex=r"^[0-9A-HJKMNP-TV-Z]{12}$")),
            models.CheckConstraint(name="right_notice_limit_after", condition=Q(appeal_until=None) | Q(appeal_until__gte=F("on"))),
            models.CheckConstraint(name="right_notice_only_a_forewarning_is_withdrawn", condition=Q(withdrawn_on=None) | Q(deed="warned")),
            models.CheckConstraint(
                name="right_notice_printed_by_somebody", condition=Q(printed_at=None, printed_by=None) | Q(printed_at__isnull=False)
            ),
        ]

    def __str__(self):
        return f"{self.deed} {self.reference}"

    @property
    def short_digest(self) -> str:
        """The first letters of the SHA-256 of what it tells, in one spelling; printed on it, and on the page that verifies it."""
        told = [self.reference, self.program, self.deed, self.on.isoformat(), self.content]
        spelled = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(spelled.encode()).hexdigest()[:SHORT]


class ToldMove(models.Model):
    """A change of status and the one notice that told it: nothing is told twice, whoever asks."""

    move = models.OneToOneField(EnrollmentMove, models.CASCADE, primary_key=True, related_name="told")
    notice = models.ForeignKey(RightNotice, models.PROTECT, related_name="moves")

    class Meta:
        verbose_name, verbose_name_plural = _("changement dit à la famille"), _("changements dits aux familles")
        triggers = append_only("told_move")

    def __str__(self):
        return f"{self.move_id}"


class ToldFloor(models.Model):
    """One row: no change of status up to `move_id` is left to tell, so that nobody looks for those among all there ever were."""

    move_id = models.BigIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("dernier changement dit"), _("derniers changements dits")
        constraints = [models.CheckConstraint(name="told_floor_is_one", condition=Q(pk=1))]

    def __str__(self):
        return f"{self.move_id}"


class ToldFact(models.Model):
    """Something told that is no change of an enrollment's status, and the one notice that told it: nothing is told twice."""

    class Source(models.TextChoices):
        """What `subject_id` numbers. An overpayment is told when it is taken back, and when it is waived; a month that is not paid is
        told of the allowance of the month before."""

        MIGRATED = "migrated_move"
        FOREWARNING = "forewarning"
        ALLOWANCE = "allowance"
        UNPAID = "unpaid"
        CORRECTION = "correction"
        RECOVERY = "recovery"
        WAIVER = "waiver"
        PAYMENT = "payment"
        APPEAL = "appeal_move"

    source = models.CharField(max_length=13, choices=Source)
    subject_id = models.BigIntegerField()
    notice = models.ForeignKey(RightNotice, models.PROTECT, related_name="facts")

    class Meta:
        verbose_name, verbose_name_plural = _("fait dit à la famille"), _("faits dits aux familles")
        constraints = [models.UniqueConstraint(name="fact_told_once", fields=["source", "subject_id"])]
        triggers = append_only("told_fact")

    def __str__(self):
        return f"{self.source} {self.subject_id}"


class ToldFactFloor(models.Model):
    """No fact of the source numbered up to `upto` is left to tell; for months that were not paid, the number of a chunk of a month."""

    source = models.CharField(max_length=13, choices=ToldFact.Source, primary_key=True)
    upto = models.BigIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("dernier fait dit"), _("derniers faits dits")

    def __str__(self):
        return f"{self.source} {self.upto}"


class Message(models.Model):
    """One message to one address. It leaves once: `key` tells the gateway a double, and one that may have left is in doubt."""

    class Channel(models.TextChoices):
        SMS = "sms", _("SMS")
        EMAIL = "email", _("courriel")

    class Status(models.TextChoices):
        QUEUED = "queued", _("en attente")
        SENDING = "sending", _("en envoi")
        SENT = "sent", _("parti")
        DELIVERED = "delivered", _("reçu")
        FAILED = "failed", _("échec après le dernier essai")
        UNDELIVERABLE = "undeliverable", _("adresse refusée")
        DOUBTFUL = "doubtful", _("départ incertain")
        WITHDRAWN = "withdrawn", _("retiré avant de partir")

    LOST = (Status.FAILED, Status.UNDELIVERABLE)
    """The family was not reached so: its notice goes on paper."""

    notice = models.ForeignKey(RightNotice, models.PROTECT, related_name="messages")
    household = models.ForeignKey(Household, models.PROTECT, related_name="messages")
    channel = models.CharField(max_length=5, choices=Channel)
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=120, blank=True)
    body = models.TextField()
    status = models.CharField(max_length=13, choices=Status, default=Status.QUEUED)
    key = models.UUIDField(unique=True, help_text="given to the gateway with each attempt")
    attempts = models.SmallIntegerField(default=0)
    not_before = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    receipt_at = models.DateTimeField(null=True, help_text="when the gateway said it was delivered, or could not be")
    external_id = models.CharField(max_length=100, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("message"), _("messages")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["not_before", "id"], name="message_to_send", condition=Q(status="queued")),
            models.Index(fields=["status", "-id"], name="message_by_status"),
            models.Index(fields=["household", "-id"], name="message_of_household"),
        ]
        constraints = [
            models.UniqueConstraint(name="message_once_by_channel", fields=["notice", "channel"]),
            models.CheckConstraint(name="message_has_address", condition=~Q(address="")),
            models.CheckConstraint(name="message_sent_is_dated", condition=~Q(status__in=["sent", "delivered"]) | Q(sent_at__isnull=False)),
            models.CheckConstraint(name="message_sending_is_claimed", condition=~Q(status="sending") | Q(claimed_at__isnull=False)),
        ]

    def __str__(self):
        return f"{self.channel} {self.status} {self.pk}"

    @property
    def masked(self) -> str:
        """Enough of the address to tell it from another, not enough to write to it."""
        if self.channel == self.Channel.EMAIL:
            name, _at, domain = self.address.partition("@")
            return f"{name[:1]}…@{domain}"
        return f"{self.address[:2]}••••••{self.address[-2:]}"

    @property
    def lines(self) -> list[str]:
        """One a language, each with its own direction."""
        return self.body.split("\n")
