"""Appeals of families against what was decided, and the legal clocks that were let run too long."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import Notice
from households.models import Household, Request
from rsu.models import Commune, User, append_only

from ..appeal_lifecycle import DECIDED, OPEN
from .aid import Allowance
from .cover import Enrollment, Scheme


class Appeal(models.Model):
    """What a family contests and why; its answers claimed, its words and its evidence are those of `request`.

    A request answers for the registry, an appeal for the right: both are answered in one transaction. `since` is the day from which
    what is contested applies, and from which it is repaired.
    """

    class Contests(models.TextChoices):
        DETERMINATION = "determination", _("un droit refusé ou perdu par l’indice")
        ENROLLMENT = "enrollment", _("une décision d’inscription")
        MONTH = "month", _("le montant d’un mois")
        SCORE = "score", _("l’indice")

    class Ground(models.TextChoices):
        ANSWER = "answer", _("une réponse est fausse")
        RULE = "rule", _("une règle a été mal appliquée")

    class Status(models.TextChoices):
        FILED = "filed", _("déposé")
        IN_EXAMINATION = "in_examination", _("en examen")
        UPHELD = "upheld", _("accueilli")
        PARTLY_UPHELD = "partly_upheld", _("accueilli en partie")
        DISMISSED = "dismissed", _("rejeté")
        WITHDRAWN = "withdrawn", _("retiré")

    household = models.ForeignKey(Household, models.PROTECT, related_name="appeals")
    request = models.OneToOneField(Request, models.PROTECT, related_name="appeal")
    contests = models.CharField(max_length=13, choices=Contests)
    program = models.CharField(max_length=11, choices=Scheme, blank=True, help_text="empty when the score itself is contested")
    determination_id = models.BigIntegerField(null=True, help_text="as it stood: an appeal upheld may cut it away")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, null=True, related_name="appeals", help_text="the first of those decided")
    enrollments = ArrayField(models.BigIntegerField(), default=list, help_text="all that one decision was about")
    decided_as = models.CharField(max_length=9, choices=Enrollment.Status, blank=True, help_text="the status the decision gave them")
    allowance = models.ForeignKey(Allowance, models.PROTECT, null=True, related_name="appeals")
    contested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", help_text="the person who decided, if it was one")
    contested_on = models.DateField(help_text="the day it was decided")
    since = models.DateField(help_text="the day from which what is contested applies")
    ground = models.CharField(max_length=6, choices=Ground)
    provision = models.CharField(max_length=60, blank=True, help_text="the key of the law said to be misapplied")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, related_name="appeals")
    notified_on = models.DateField(null=True, help_text="the time limit runs from it; NULL: nothing was notified, it has not begun")
    filed_on = models.DateField()
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    last_day = models.DateField(null=True, help_text="last day to file, included")
    admitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", help_text="who admitted it although late")
    admitted_because = models.TextField(blank=True)
    due_on = models.DateField(help_text="last day for the answer")
    assignee = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=14, choices=Status, default=Status.FILED)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField(null=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, help_text="what the family is answered, with the reasons")
    repaired_since = models.DateField(null=True, help_text="the day from which it was repaired")
    effect = models.JSONField(default=dict, help_text="what upholding it gave back, as it was that day")

    class Meta:
        verbose_name, verbose_name_plural = _("recours"), _("recours")
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["due_on", "id"], name="appeal_waiting", condition=Q(status__in=OPEN)),
            models.Index(fields=["household", "-id"], name="appeal_by_household"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="appeal_open_once",
                fields=["household", "contests", "program", "determination_id", "enrollment", "decided_as", "allowance"],
                condition=Q(status__in=OPEN),
                nulls_distinct=False,
                violation_error_message=_("Un recours est déjà ouvert contre cette décision."),
            ),
            models.CheckConstraint(
                name="appeal_names_what_it_contests",
                condition=Q(contests="determination", determination_id__isnull=False, enrollment=None, allowance=None)
                | Q(contests="enrollment", enrollment__isnull=False, allowance=None)
                | Q(contests="month", allowance__isnull=False, enrollment=None)
                | Q(contests="score", program="", determination_id=None, enrollment=None, allowance=None),
            ),
            models.CheckConstraint(
                name="appeal_decided_whole",
                condition=Q(status__in=[*OPEN, "withdrawn"], decided_by=None, decided_on=None)
                | (Q(status__in=DECIDED, decided_by__isnull=False, decided_on__isnull=False) & ~Q(answer="")),
            ),
            models.CheckConstraint(
                name="appeal_decided_by_another",
                condition=Q(decided_by=None) | (~Q(decided_by=F("filed_by")) & (Q(contested_by=None) | ~Q(decided_by=F("contested_by")))),
                violation_error_message=_("Qui a pris la décision contestée, ou reçu le recours, ne peut pas en juger."),
            ),
            models.CheckConstraint(
                name="appeal_late_is_admitted",
                condition=Q(last_day=None)
                | Q(filed_on__lte=F("last_day"))
                | Q(status__in=["filed", "dismissed", "withdrawn"])
                | (Q(admitted_by__isnull=False) & ~Q(admitted_because="")),
                violation_error_message=_("Un recours hors délai ne s’examine que si un superviseur l’admet, avec le motif."),
            ),
            models.CheckConstraint(name="appeal_rule_or_answer", condition=Q(ground="rule") | Q(provision="")),
            models.CheckConstraint(name="appeal_answered_after_it_is_filed", condition=Q(due_on__gte=F("filed_on"))),
        ]

    def __str__(self):
        return f"{self.contests} {self.status} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def late(self) -> bool:
        return self.last_day is not None and self.filed_on > self.last_day

    @property
    def waits_for_admission(self) -> bool:
        return self.late and self.admitted_by_id is None


class AppealMove(models.Model):
    """One step of an appeal: who, why and when; never edited."""

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="moves")
    before = models.CharField(max_length=14, choices=Appeal.Status, blank=True)
    after = models.CharField(max_length=14, choices=Appeal.Status)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("étape d’un recours"), _("étapes d’un recours")
        ordering = ["appeal", "id"]
        triggers = append_only("appeal_move")

    def __str__(self):
        return f"{self.appeal_id} {self.before}→{self.after}"


class AppealNote(models.Model):
    """A remark of whoever examines the appeal; the family does not receive it. Never edited."""

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="notes")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    text = models.TextField()

    class Meta:
        verbose_name, verbose_name_plural = _("remarque"), _("remarques")
        ordering = ["appeal", "id"]
        triggers = append_only("appeal_note")

    def __str__(self):
        return f"{self.appeal_id} {self.at:%Y-%m-%d}"


class Escalation(models.Model):
    """A legal clock raised to the supervisor as its last day comes near, then to the administrator once it is past; once each."""

    class Clock(models.TextChoices):
        APPLICATION = "application", _("décision sur une demande")
        APPEAL = "appeal", _("réponse à un recours")
        REQUEST = "request", _("réponse à une demande")
        CONFLICT = "conflict", _("réponse à une contradiction")
        LOSS = "loss", _("perte à vérifier")

    class Level(models.TextChoices):
        SUPERVISOR = "supervisor", _("superviseur")
        ADMINISTRATOR = "administrator", _("administrateur")

    clock = models.CharField(max_length=11, choices=Clock)
    subject_id = models.BigIntegerField(help_text="of the row the clock belongs to")
    level = models.CharField(max_length=13, choices=Level)
    household = models.ForeignKey(Household, models.PROTECT, related_name="escalations")
    commune = models.ForeignKey(Commune, models.PROTECT, related_name="+", help_text="where the household lived that day")
    due_on = models.DateField()
    raised_on = models.DateField()
    raised_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("alerte de délai"), _("alertes de délai")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(name="escalated_once", fields=["clock", "subject_id", "level"])]
        triggers = append_only("escalation")

    def __str__(self):
        return f"{self.clock} {self.subject_id} {self.level}"
