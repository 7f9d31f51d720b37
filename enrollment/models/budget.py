"""The budget: what was spent, folded from what was written; what a month was foreseen to cost, under the law or another."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import Proposal, Provision
from rsu.models import Milieu, Region, User, append_only

from .cover import Scheme


class BudgetCell(models.Model):
    """One count of money: a program, a kind of line ('' for households and people counted once) and a place.

    `band` is the first rank of the band whose rate was paid, 0 for a line without rank. `people`: members of the household, or
    persons covered. `children`: those a line names. Money is in centimes.
    """

    program = models.CharField(max_length=11, choices=Scheme)
    kind = models.CharField(max_length=24, blank=True)
    band = models.SmallIntegerField(default=0)
    region = models.ForeignKey(Region, models.DO_NOTHING, db_constraint=False, related_name="+")
    milieu = models.CharField(max_length=5, choices=Milieu)
    households = models.BigIntegerField()
    people = models.BigIntegerField()
    children = models.BigIntegerField()
    insured = models.BigIntegerField()
    lines = models.BigIntegerField()
    centimes = models.BigIntegerField()

    class Meta:
        abstract = True


class Spending(BudgetCell):
    """What was written for a month, kept up by folding what is new: reading it costs the same for a thousand lines or a billion.

    A month counts where its household was counted when it was folded. Contributions stand here once their month is counted.
    """

    month = models.DateField(help_text="its first day")
    provision = models.ForeignKey(Provision, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("dépense du mois"), _("dépenses du mois")
        constraints = [
            models.UniqueConstraint(
                name="spending_cell_once",
                fields=["month", "program", "kind", "band", "provision", "region", "milieu"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="spending_month_is_first_day", condition=Q(month__day=1)),
        ]

    def __str__(self):
        return f"{self.month:%Y-%m} {self.program} {self.kind}"


class SpendingFold(models.Model):
    """Up to which row each table has been folded; no row at or under it can still be written."""

    source = models.CharField(max_length=10, primary_key=True)
    upto = models.BigIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("repli des dépenses"), _("replis des dépenses")

    def __str__(self):
        return f"{self.source} {self.upto}"


class Scenario(models.Model):
    """Another law whose cost somebody wants to know: a proposal's value, or values typed for the purpose. It decides nothing."""

    changes = models.JSONField(help_text="key of the law → value")
    proposal = models.ForeignKey(Proposal, models.PROTECT, null=True, related_name="+")
    formula_id = models.BigIntegerField(null=True, help_text="the rehearsed formula it is scored by; empty: the one in force")
    first = models.DateField(help_text="first month counted")
    last = models.DateField(help_text="last month counted")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    counted_at = models.DateTimeField(null=True, help_text="when the last of its months was counted")

    class Meta:
        verbose_name, verbose_name_plural = _("scénario"), _("scénarios")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="scenario_of_whole_months", condition=Q(first__day=1, last__day=1)),
            models.CheckConstraint(name="scenario_forward", condition=Q(first__lte=models.F("last"))),
        ]

    def __str__(self):
        return f"{self.pk} {self.first:%Y-%m}"


class BudgetForecast(models.Model):
    """What a month would cost, counted on a day from the registry of that day under one law; never edited, only made again."""

    month = models.DateField(help_text="its first day")
    made_on = models.DateField()
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, help_text="fingerprint of what the law says of these programs that month")
    households = models.BigIntegerField(help_text="households read")
    again = models.SmallIntegerField(default=0, help_text="how many times it had been counted that day under the same law")
    scenario = models.ForeignKey(Scenario, models.PROTECT, null=True, related_name="forecasts", help_text="empty: the law as it is voted")
    changed = models.BooleanField(
        default=False, help_text="of a scenario's two: the one under its own values, beside the law as it is voted"
    )

    class Meta:
        verbose_name, verbose_name_plural = _("prévision"), _("prévisions")
        ordering = ["month", "-id"]
        triggers = append_only("budget_forecast")
        constraints = [
            models.UniqueConstraint(name="forecast_once_a_scenario", fields=["scenario", "month", "changed"]),
            models.UniqueConstraint(name="forecast_once_a_day", fields=["month", "made_on", "digest", "again"], condition=Q(scenario=None)),
            models.CheckConstraint(name="forecast_changed_by_a_scenario", condition=Q(changed=False) | Q(scenario__isnull=False)),
            models.CheckConstraint(name="forecast_month_is_first_day", condition=Q(month__day=1)),
        ]

    def __str__(self):
        return f"{self.month:%Y-%m} {self.made_on}"


class ForecastLine(BudgetCell):
    """One cell of a forecast; `enrolled`: those whose right runs, otherwise everybody the score lets in.

    `one_more` is what one dirham more of this amount would cost that month, the household's floor taken into account.
    """

    forecast = models.ForeignKey(BudgetForecast, models.PROTECT, related_name="lines_of_it")
    enrolled = models.BooleanField()
    one_more = models.BigIntegerField()

    class Meta:
        verbose_name, verbose_name_plural = _("ligne de prévision"), _("lignes de prévision")
        triggers = append_only("forecast_line")
        constraints = [
            models.UniqueConstraint(
                name="forecast_cell_once", fields=["forecast", "enrolled", "program", "kind", "band", "region", "milieu"]
            )
        ]

    def __str__(self):
        return f"{self.forecast_id} {self.program} {self.kind}"


class ForecastDifference(models.Model):
    """Households that a scenario would pay more or less than the law as it is voted, and by how much."""

    forecast = models.ForeignKey(BudgetForecast, models.PROTECT, related_name="differences")
    program = models.CharField(max_length=11, choices=Scheme)
    enrolled = models.BooleanField()
    region = models.ForeignKey(Region, models.DO_NOTHING, db_constraint=False, related_name="+")
    milieu = models.CharField(max_length=5, choices=Milieu)
    gaining = models.BigIntegerField(help_text="households")
    losing = models.BigIntegerField(help_text="households")
    coming_in = models.BigIntegerField(help_text="of those gaining, households that had nothing")
    going_out = models.BigIntegerField(help_text="of those losing, households left with nothing")
    gained = models.BigIntegerField(help_text="centimes")
    lost = models.BigIntegerField(help_text="centimes, positive")

    class Meta:
        verbose_name, verbose_name_plural = _("écart d’un scénario"), _("écarts d’un scénario")
        triggers = append_only("forecast_difference")
        constraints = [models.UniqueConstraint(name="difference_cell_once", fields=["forecast", "program", "enrolled", "region", "milieu"])]

    def __str__(self):
        return f"{self.forecast_id} {self.program} {self.region_id}"
