"""What makes covers true to the day: the household's next day on which time alone changes them, and who was forewarned."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from households.models import Household, Member


class CoverWatch(models.Model):
    """A household in which somebody is or was covered: the day its covers were last made true, and the next day that may change them.

    The night's work is an index range over `next_on`; a row is its own ledger: done, its day lies ahead.
    """

    household = models.OneToOneField(Household, models.PROTECT, primary_key=True, related_name="cover_watch")
    followed_on = models.DateField(help_text="day for which covers were last made true")
    next_on = models.DateField(null=True, help_text="first day on which time alone may change a cover")
    warn_for = models.DateField(null=True, help_text="first such day that nobody has been forewarned of yet")
    facts_id = models.BigIntegerField(default=0, help_text="the reading of the answers that was followed")

    class Meta:
        verbose_name, verbose_name_plural = _("suivi de couverture"), _("suivis de couverture")
        ordering = ["household"]
        indexes = [
            models.Index(fields=["next_on", "household"], name="cover_watch_next", condition=Q(next_on__isnull=False)),
            models.Index(fields=["warn_for", "household"], name="cover_watch_warn", condition=Q(warn_for__isnull=False)),
        ]

    def __str__(self):
        return f"{self.household_id} {self.next_on}"


class CoverNight(models.Model):
    """One night of following, closed: up to which day, which law keys and which readings were looked at."""

    on = models.DateField(unique=True)
    facts_mark = models.BigIntegerField(
        help_text="the newest reading there was; the next nights look again from the mark of two nights before"
    )
    periods_mark = models.BigIntegerField(default=0, help_text="the newest cover that a partner had verified; read as facts_mark")
    followed = models.IntegerField(default=0)
    closed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("nuit de suivi"), _("nuits de suivi")
        ordering = ["-on"]

    def __str__(self):
        return f"{self.on}"


class Forewarning(models.Model):
    """Somebody will lose their place in a unit on a day known beforehand: written once, for the family to be told in time."""

    TO_WITHDRAW, HOLDS_AGAIN = Q(lapsed_on__isnull=False, withdrawn=False), Q(lapsed_on__isnull=True, withdrawn=True)
    """What was told is not withdrawn yet; what was withdrawn goes out again. Never more than changed since the last night."""

    class What(models.TextChoices):
        MAJORITY = "majority", _("n’est plus à charge à cet âge")
        STUDIES = "studies", _("fin de la prolongation pour études supérieures")
        CERTIFICATE = "certificate", _("fin du certificat de handicap")
        PERMIT = "permit", _("fin du titre de séjour")

    household = models.ForeignKey(Household, models.PROTECT, related_name="forewarnings")
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    idcs = models.CharField(max_length=10)
    what = models.CharField(max_length=11, choices=What)
    on_day = models.DateField(help_text="first day without the place")
    written_on = models.DateField()
    lapsed_on = models.DateField(null=True, help_text="the change forewarned of will not come, and since when that is known")
    withdrawn = models.BooleanField(default=False, help_text="what was told of it goes out no more, since it lapsed")

    class Meta:
        verbose_name, verbose_name_plural = _("préavis"), _("préavis")
        ordering = ["on_day", "id"]
        constraints = [models.UniqueConstraint(name="forewarned_once", fields=["idcs", "what", "on_day"])]
        indexes = [
            models.Index(fields=["on_day", "id"], name="forewarning_coming", condition=Q(lapsed_on__isnull=True)),
            models.Index(fields=["id"], name="forewarning_to_withdraw", condition=Q(lapsed_on__isnull=False, withdrawn=False)),
            models.Index(fields=["id"], name="forewarning_holds_again", condition=Q(lapsed_on__isnull=True, withdrawn=True)),
        ]

    def __str__(self):
        return f"{self.idcs} {self.what} {self.on_day}"
