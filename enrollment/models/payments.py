"""Where a payee is paid, and the orders sent to the paying agency: what is in an order is owed, once, and frozen it never changes."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Mod
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from pgtrigger import After, Before, Condition, Delete, Insert, Protect, Referencing, Statement, Trigger, Truncate, Update

from eligibility.models import OPEN
from households.models import Household, Member
from rsu.models import Commune, User, append_only

from ..paying.lifecycle import FROZEN, MOVES, PAYMENT_MOVES, STANDING
from .aid import Allowance, PlacementMonth
from .cover import Period


def _listed(words) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _changed(*columns: str) -> str:
    old, new = (", ".join(f"{row}.{one}" for one in columns) for row in ("OLD", "NEW"))
    return f"(({old}) IS DISTINCT FROM ({new}))"


def _moved_out_of(moves) -> Condition:
    """A change of status that the moves do not hold."""
    allowed = ", ".join(f"('{before}', '{after}')" for before, after in moves if before)
    return Condition(f"(OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN ({allowed}))")


def _kept(name: str) -> list:
    """Rows are never lost."""
    refused = f"RAISE EXCEPTION '{name} is kept: it cannot be truncated';"
    return [
        Protect(name=f"{name}_keeps_rows", operation=Delete),
        Trigger(name=f"{name}_keeps_all", operation=Truncate, level=Statement, when=Before, func=refused),
    ]


class PaymentAccount(models.Model):
    """The bank account a payee is paid on, for a while; without one he is paid in cash at the agency. Closed, never rewritten."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="payment_accounts", help_text="on whose file it was recorded")
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    payee_idcs = models.CharField(max_length=10)
    rib = models.CharField(max_length=24)
    holder = models.CharField(max_length=120, help_text="as the bank writes it")
    since = models.DateField()
    until = models.DateField(default=OPEN, help_text="exclusive")
    reason = models.TextField()
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    closed_reason = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("compte de versement"), _("comptes de versement")
        ordering = ["payee_idcs", "-since", "-id"]
        indexes = [
            models.Index(fields=["rib"], name="payment_account_rib"),
            models.Index(fields=["payee_idcs"], name="payment_account_payee"),
        ]
        constraints = [
            ExclusionConstraint(
                name="payment_account_once",
                expressions=[("payee_idcs", RangeOperators.EQUAL), (Period(F("since"), F("until")), RangeOperators.OVERLAPS)],
                violation_error_message=_("Cette personne a déjà un compte sur cette période."),
            ),
            models.CheckConstraint(name="payment_account_digits", condition=Q(rib__regex=r"^[0-9]{22}(0[1-9]|[1-8][0-9]|9[0-7])$")),
            models.CheckConstraint(
                name="payment_account_key", condition=Exact(Mod(Cast("rib", models.DecimalField(max_digits=24, decimal_places=0)), 97), 0)
            ),
            models.CheckConstraint(name="payment_account_forward", condition=Q(since__lte=F("until"))),
        ]
        triggers = [
            *_kept("payment_account"),
            Trigger(
                name="payment_account_is_closed_not_rewritten",
                operation=Update,
                when=Before,
                condition=Condition(
                    f"((OLD.until <> DATE '{OPEN}' AND OLD.until <> NEW.until) OR {_changed('household_id', 'payee_idcs', 'rib', 'holder', 'since', 'reason')})"
                ),
                func="RAISE EXCEPTION 'payment_account is closed and replaced, never rewritten';",
            ),
        ]

    def __str__(self):
        return f"{self.payee_idcs} {self.since}"


class PaymentOrder(models.Model):
    """A payment list for the paying agency: everything owed until a month and in no other list; its stages stand in paying/lifecycle.py."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("préparé")
        IN_APPROVAL = "in_approval", _("approuvé une fois")
        APPROVED = "approved", _("approuvé")
        FROZEN = "frozen", _("figé")
        EXPORTED = "exported", _("envoyé")
        CLOSED = "closed", _("clos")
        CANCELED = "canceled", _("annulé")

    month = models.DateField(help_text="the last month paid, its first day; earlier months that waited are paid too")
    reissues_only = models.BooleanField(default=False, help_text="only payments rejected before, to be issued again")
    status = models.CharField(max_length=11, choices=Status, default=Status.DRAFT)
    prepared_on = models.DateField()
    prepared_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(auto_now_add=True)
    payments = models.IntegerField(default=0)
    amount = models.BigIntegerField(default=0, help_text="centimes")
    frozen_on = models.DateField(null=True)
    frozen_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    frozen_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the frozen payments")
    renewed = models.IntegerField(default=0, help_text="payments whose name or account had changed between preparing and freezing")
    debtor = models.JSONField(default=dict, help_text="provision payment.debtor as it was when frozen")
    file_limit = models.IntegerField(null=True, help_text="payments a file, when frozen")
    batch_limit = models.IntegerField(null=True, help_text="payments a batch of a file, when frozen")
    exported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    exported_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    canceled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    canceled_at = models.DateTimeField(null=True)
    canceled_reason = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("ordre de versement"), _("ordres de versement")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="payment_order_month_is_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(name="payment_order_counts", condition=Q(payments__gte=0, amount__gte=0)),
            models.CheckConstraint(
                name="payment_order_frozen_is_whole",
                condition=~Q(status__in=FROZEN)
                | Q(frozen_on__isnull=False, frozen_at__isnull=False, file_limit__gt=0, batch_limit__gt=0, digest__regex="^[0-9a-f]{64}$"),
            ),
            models.CheckConstraint(name="payment_order_canceled_says_why", condition=~Q(status="canceled") | ~Q(canceled_reason="")),
        ]
        triggers = [
            *_kept("payment_order"),
            Trigger(
                name="payment_order_moves",
                operation=Update,
                when=Before,
                condition=_moved_out_of(MOVES),
                func="RAISE EXCEPTION 'payment_order cannot go from % to %', OLD.status, NEW.status;",
            ),
            Trigger(
                name="payment_order_is_frozen",
                operation=Update,
                when=Before,
                condition=Condition(
                    f"(OLD.status IN ({_listed(FROZEN)}) AND "
                    + _changed(
                        "month", "reissues_only", "payments", "amount", "digest", "debtor", "file_limit", "batch_limit", "frozen_on",
                        "frozen_at",
                    )
                    + ")"
                ),
                func="RAISE EXCEPTION 'payment_order % is frozen', OLD.id;",
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.reference

    @property
    def reference(self) -> str:
        """What the agency knows the order by."""
        return f"RSU-{self.pk:06d}"


class OrderApproval(models.Model):
    """One signature on an order, with what was signed."""

    order = models.ForeignKey(PaymentOrder, models.PROTECT, related_name="approvals")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    payments = models.IntegerField()
    amount = models.BigIntegerField(help_text="centimes")

    class Meta:
        verbose_name, verbose_name_plural = _("approbation"), _("approbations")
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(name="payment_order_approved_once_by_each", fields=["order", "by"])]
        triggers = append_only("order_approval")

    def __str__(self):
        return f"{self.order_id} {self.by_id}"


class Payment(models.Model):
    """What one payee is paid for one allowance or one month of placement; paid anew, it is another payment that names this one."""

    class Status(models.TextChoices):
        READY = "ready", _("prêt")
        SENT = "sent", _("envoyé à l’organisme payeur")
        PAID = "paid", _("payé")
        REJECTED = "rejected", _("rejeté")
        TO_REISSUE = "to_reissue", _("à réémettre")
        CANCELED = "canceled", _("annulé")

    order = models.ForeignKey(PaymentOrder, models.PROTECT, db_index=False, related_name="rows")
    position = models.IntegerField(help_text="in the order, from 1: transfers first")
    allowance = models.ForeignKey(Allowance, models.PROTECT, null=True, db_index=False, related_name="payments")
    placement_month = models.ForeignKey(PlacementMonth, models.PROTECT, null=True, db_index=False, related_name="payments")
    household = models.ForeignKey(Household, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="payments")
    commune = models.ForeignKey(Commune, models.PROTECT, db_constraint=False, db_index=False, related_name="+", help_text="when prepared")
    month = models.DateField(help_text="the month owed, its first day")
    amount = models.IntegerField(help_text="centimes")
    payee_idcs = models.CharField(max_length=10)
    payee_name_fr = models.CharField(max_length=121)
    payee_name_ar = models.CharField(max_length=121, blank=True)
    account = models.CharField(max_length=24, blank=True, help_text="RIB; empty: in cash at the agency")
    end_to_end_id = models.CharField(max_length=35, help_text="what the agency answers with; says nothing about anybody")
    status = models.CharField(max_length=10, choices=Status, default=Status.READY)
    reason_code = models.CharField(max_length=4, blank=True, help_text="why the agency rejected it")
    answered_on = models.DateField(null=True)
    paid_on = models.DateField(null=True)
    previous = models.ForeignKey("self", models.PROTECT, null=True, db_index=False, related_name="reissues")
    reissue_reason = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("versement"), _("versements")
        ordering = ["order", "position"]
        indexes = [
            models.Index(fields=["order", "position"], name="payment_in_order"),
            models.Index(fields=["household", "id"], name="payment_of_household", condition=Q(household__isnull=False)),
            models.Index(fields=["id"], name="payment_to_mend", condition=Q(status__in=["rejected", "to_reissue"])),
        ]
        constraints = [
            models.UniqueConstraint(name="allowance_paid_once", fields=["allowance"], condition=Q(status__in=STANDING)),
            models.UniqueConstraint(name="placement_month_paid_once", fields=["placement_month"], condition=Q(status__in=STANDING)),
            models.UniqueConstraint(name="payment_reissued_once", fields=["previous"], condition=~Q(status="canceled")),
            models.UniqueConstraint(name="payment_end_to_end_once", fields=["end_to_end_id"]),
            models.CheckConstraint(
                name="payment_pays_one_thing",
                condition=Q(allowance__isnull=False, placement_month=None, household__isnull=False)
                | Q(allowance=None, placement_month__isnull=False, household=None),
            ),
            models.CheckConstraint(name="payment_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="payment_names_its_payee", condition=~Q(payee_name_fr="") & Q(payee_idcs__regex="^[0-9]{10}$")),
            models.CheckConstraint(name="payment_account_or_cash", condition=Q(account__regex=r"^([0-9]{24})?$")),
            models.CheckConstraint(name="payment_end_to_end_form", condition=Q(end_to_end_id__regex=r"^[A-Z0-9-]{1,35}$")),
            models.CheckConstraint(name="payment_paid_on_a_day", condition=Q(status="paid") ^ Q(paid_on=None)),
            models.CheckConstraint(
                name="payment_rejected_for_a_reason", condition=Q(status__in=["rejected", "to_reissue"]) ^ Q(reason_code="")
            ),
        ]
        triggers = [
            *_kept("payment"),
            Trigger(
                name="payment_enters_a_draft",
                operation=Insert,
                level=Statement,
                when=After,
                referencing=Referencing(new="entered"),
                func="""
                IF EXISTS (SELECT FROM (SELECT DISTINCT order_id FROM entered) e JOIN enrollment_paymentorder o ON o.id = e.order_id
                           WHERE o.status <> 'draft') THEN
                  RAISE EXCEPTION 'payment enters an order that is no draft';
                END IF;
                RETURN NULL;
                """,
            ),
            Trigger(
                name="payment_is_frozen",
                operation=Update,
                when=Before,
                condition=Condition(
                    _changed(
                        "order_id", "position", "allowance_id", "placement_month_id", "household_id", "commune_id", "month", "amount",
                        "payee_idcs", "payee_name_fr", "payee_name_ar", "account", "end_to_end_id", "previous_id",
                    )
                ),
                func=f"""
                IF (SELECT status FROM enrollment_paymentorder WHERE id = OLD.order_id) IN ({_listed(FROZEN)}) THEN
                  RAISE EXCEPTION 'payment % is frozen', OLD.end_to_end_id;
                END IF;
                RETURN NEW;
                """,
            ),
            Trigger(
                name="payment_moves",
                operation=Update,
                when=Before,
                condition=_moved_out_of(PAYMENT_MOVES),
                func="RAISE EXCEPTION 'payment cannot go from % to %', OLD.status, NEW.status;",
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.end_to_end_id

    @property
    def in_cash(self) -> bool:
        return not self.account


class PaymentFile(models.Model):
    """A file made for the agency: its bytes stand on the disk and are known by their digest."""

    class Kind(models.TextChoices):
        PAIN = "pain001", "ISO 20022 pain.001"
        CSV = "csv", "CSV"

    order = models.ForeignKey(PaymentOrder, models.PROTECT, related_name="files")
    kind = models.CharField(max_length=7, choices=Kind)
    position = models.IntegerField(help_text="among the files of its kind, from 1")
    name = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField(help_text="bytes")
    payments = models.IntegerField()
    amount = models.BigIntegerField(help_text="centimes")
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("fichier de versement"), _("fichiers de versement")
        ordering = ["order", "-kind", "position"]
        constraints = [
            models.UniqueConstraint(name="payment_file_once", fields=["order", "kind", "position"]),
            models.CheckConstraint(name="payment_file_counts", condition=Q(payments__gt=0, amount__gt=0, position__gt=0)),
        ]
        triggers = append_only("payment_file")

    def __str__(self):
        return self.name


class PaymentReturn(models.Model):
    """A file the agency answered with, read once. Lines = paid + rejected + pending + already so + differences, always."""

    class Kind(models.TextChoices):
        PAIN = "pain002", "ISO 20022 pain.002"
        CSV = "csv", "CSV"

    order = models.ForeignKey(PaymentOrder, models.PROTECT, related_name="returns")
    kind = models.CharField(max_length=7, choices=Kind)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField(help_text="bytes")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    received_on = models.DateField()
    received_at = models.DateTimeField(auto_now_add=True)
    lines = models.IntegerField(default=0)
    paid = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    pending = models.IntegerField(default=0)
    already = models.IntegerField(default=0)
    differences = models.IntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("retour de l’organisme payeur"), _("retours de l’organisme payeur")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="payment_return_once", fields=["order", "sha256"]),
            models.CheckConstraint(
                name="payment_return_counts_every_line",
                condition=Q(lines=F("paid") + F("rejected") + F("pending") + F("already") + F("differences")),
            ),
        ]

    def __str__(self):
        return self.name


class PaymentAnswer(models.Model):
    """One line of a return and what became of it; a difference stays until somebody settles it."""

    class Outcome(models.TextChoices):
        PAID = "paid", _("payé")
        REJECTED = "rejected", _("rejeté")
        PENDING = "pending", _("en cours chez l’organisme")
        ALREADY = "already", _("déjà ainsi")
        UNREADABLE = "unreadable", _("ligne illisible")
        WHOLE_FILE = "whole_file", _("réponse pour tout un fichier")
        UNKNOWN = "unknown", _("identifiant inconnu de cet ordre")
        AMOUNT = "amount", _("autre montant")
        TWICE = "twice", _("deux réponses qui se contredisent")
        CONTRADICTION = "contradiction", _("contredit une réponse d’avant")

    class Settled(models.TextChoices):
        KEPT = "kept", _("registre maintenu")
        FOLLOWED = "followed", _("réponse de l’organisme suivie")

    returned = models.ForeignKey(PaymentReturn, models.PROTECT, db_index=False, related_name="answers")
    number = models.IntegerField(help_text="of the line in the file, from 1")
    end_to_end_id = models.CharField(max_length=70, blank=True, help_text="as it was answered")
    code = models.CharField(max_length=20, blank=True, help_text="the agency's status, as it was answered")
    reason_code = models.CharField(max_length=20, blank=True)
    amount = models.BigIntegerField(null=True, help_text="centimes; NULL when the answer does not say")
    paid_on = models.DateField(null=True)
    problem = models.CharField(max_length=12, blank=True, help_text="what could not be read")
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, db_index=False, related_name="answers")
    outcome = models.CharField(max_length=13, choices=Outcome)
    settled = models.CharField(max_length=8, choices=Settled, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_reason = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("réponse de l’organisme payeur"), _("réponses de l’organisme payeur")
        ordering = ["returned", "number"]
        indexes = [
            models.Index(
                fields=["id"],
                name="payment_difference_open",
                condition=Q(settled="", outcome__in=["unreadable", "whole_file", "unknown", "amount", "twice", "contradiction"]),
            )
        ]
        constraints = [
            models.UniqueConstraint(name="payment_answer_once", fields=["returned", "number"]),
            models.CheckConstraint(
                name="payment_answer_settled_whole",
                condition=Q(settled="", settled_by=None, settled_at=None, settled_reason="")
                | (~Q(settled="") & ~Q(settled_reason="") & Q(settled_by__isnull=False, settled_at__isnull=False)),
            ),
        ]
        triggers = _kept("payment_answer")

    def __str__(self):
        return f"{self.returned_id}/{self.number}"


DIFFERENCES = ("unreadable", "whole_file", "unknown", "amount", "twice", "contradiction")
"""Outcomes that changed nothing and wait for somebody."""
