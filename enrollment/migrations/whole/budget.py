"""What was spent, and what the law would cost under another hypothesis."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="Spending",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("program", models.CharField(choices=[("amo_tadamon", "AMO-TADAMON"), ("amo_achamil", "AMO ACHAMIL"), ("direct_aid", "aide sociale directe")], max_length=11)),
            ("kind", models.CharField(blank=True, max_length=24)),
            ("band", models.SmallIntegerField(default=0)),
            ("region", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="rsu.region")),
            ("milieu", models.CharField(choices=[("urban", "urbain"), ("rural", "rural")], max_length=5)),
            ("households", models.BigIntegerField()),
            ("people", models.BigIntegerField()),
            ("children", models.BigIntegerField()),
            ("insured", models.BigIntegerField()),
            ("lines", models.BigIntegerField()),
            ("centimes", models.BigIntegerField()),
            ("month", models.DateField(help_text="its first day")),
            ("provision", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="eligibility.provision")),
        ],
        options={
            "verbose_name": "dépense du mois",
            "verbose_name_plural": "dépenses du mois",
            "constraints": [
                models.UniqueConstraint(fields=("month", "program", "kind", "band", "provision", "region", "milieu"), name="spending_cell_once", nulls_distinct=False),
                models.CheckConstraint(condition=models.Q(("month__day", 1)), name="spending_month_is_first_day"),
            ],
        },
    ),
    migrations.CreateModel(
        name="SpendingFold",
        fields=[
            ("source", models.CharField(max_length=10, primary_key=True, serialize=False)),
            ("upto", models.BigIntegerField(default=0)),
        ],
        options={
            "verbose_name": "repli des dépenses",
            "verbose_name_plural": "replis des dépenses",
        },
    ),
    migrations.CreateModel(
        name="Scenario",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("changes", models.JSONField(help_text="key of the law → value")),
            ("proposal", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="eligibility.proposal")),
            ("formula_id", models.BigIntegerField(help_text="the rehearsed formula it is scored by; empty: the one in force", null=True)),
            ("first", models.DateField(help_text="first month counted")),
            ("last", models.DateField(help_text="last month counted")),
            ("asked_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("asked_at", models.DateTimeField(auto_now_add=True)),
            ("counted_at", models.DateTimeField(help_text="when the last of its months was counted", null=True)),
        ],
        options={
            "verbose_name": "scénario",
            "verbose_name_plural": "scénarios",
            "ordering": ["-id"],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("first__day", 1), ("last__day", 1)), name="scenario_of_whole_months"),
                models.CheckConstraint(condition=models.Q(("first__lte", models.F("last"))), name="scenario_forward"),
            ],
        },
    ),
    migrations.CreateModel(
        name="BudgetForecast",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("month", models.DateField(help_text="its first day")),
            ("made_on", models.DateField()),
            ("made_at", models.DateTimeField(auto_now_add=True)),
            ("made_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("digest", models.CharField(help_text="fingerprint of what the law says of these programs that month", max_length=64)),
            ("households", models.BigIntegerField(help_text="households read")),
            ("scenario", models.ForeignKey(help_text="empty: the law as it is voted", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="forecasts", to="enrollment.scenario")),
            ("changed", models.BooleanField(default=False, help_text="of a scenario's two: the one under its own values, beside the law as it is voted")),
        ],
        options={
            "verbose_name": "prévision",
            "verbose_name_plural": "prévisions",
            "ordering": ["month", "-id"],
            "constraints": [
                models.UniqueConstraint(fields=("scenario", "month", "changed"), name="forecast_once_a_scenario"),
                models.UniqueConstraint(condition=models.Q(("scenario", None)), fields=("month", "made_on", "digest"), name="forecast_once_a_day"),
                models.CheckConstraint(condition=models.Q(("changed", False), ("scenario__isnull", False), _connector="OR"), name="forecast_changed_by_a_scenario"),
                models.CheckConstraint(condition=models.Q(("month__day", 1)), name="forecast_month_is_first_day"),
            ],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="budgetforecast",
        trigger=pgtrigger.compiler.Trigger(
            name="budget_forecast_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="ef35de97efa5243df9f9bb1bef06c45dd9a0594e",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_budget_forecast_keeps_rows_276d2",
                table="enrollment_budgetforecast",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="budgetforecast",
        trigger=pgtrigger.compiler.Trigger(
            name="budget_forecast_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'budget_forecast is append-only: it cannot be truncated';",
                hash="0404c58873c2c536cda19f4c41b748a6e547e349",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_budget_forecast_keeps_all_93707",
                table="enrollment_budgetforecast",
                when="BEFORE",
            ),
        ),
    ),
    migrations.CreateModel(
        name="ForecastLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("program", models.CharField(choices=[("amo_tadamon", "AMO-TADAMON"), ("amo_achamil", "AMO ACHAMIL"), ("direct_aid", "aide sociale directe")], max_length=11)),
            ("kind", models.CharField(blank=True, max_length=24)),
            ("band", models.SmallIntegerField(default=0)),
            ("region", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="rsu.region")),
            ("milieu", models.CharField(choices=[("urban", "urbain"), ("rural", "rural")], max_length=5)),
            ("households", models.BigIntegerField()),
            ("people", models.BigIntegerField()),
            ("children", models.BigIntegerField()),
            ("insured", models.BigIntegerField()),
            ("lines", models.BigIntegerField()),
            ("centimes", models.BigIntegerField()),
            ("forecast", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="lines_of_it", to="enrollment.budgetforecast")),
            ("enrolled", models.BooleanField()),
            ("one_more", models.BigIntegerField()),
        ],
        options={
            "verbose_name": "ligne de prévision",
            "verbose_name_plural": "lignes de prévision",
            "constraints": [
                models.UniqueConstraint(fields=("forecast", "enrolled", "program", "kind", "band", "region", "milieu"), name="forecast_cell_once"),
            ],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="forecastline",
        trigger=pgtrigger.compiler.Trigger(
            name="forecast_line_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="2e923d0957897010644997a6e1d5e93da2a0ac4f",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_forecast_line_keeps_rows_7f6cf",
                table="enrollment_forecastline",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="forecastline",
        trigger=pgtrigger.compiler.Trigger(
            name="forecast_line_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'forecast_line is append-only: it cannot be truncated';",
                hash="f6c024d577cfd9a07bd8af6039e1d80dfab64248",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_forecast_line_keeps_all_924be",
                table="enrollment_forecastline",
                when="BEFORE",
            ),
        ),
    ),
    migrations.CreateModel(
        name="ForecastDifference",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("forecast", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="differences", to="enrollment.budgetforecast")),
            ("program", models.CharField(choices=[("amo_tadamon", "AMO-TADAMON"), ("amo_achamil", "AMO ACHAMIL"), ("direct_aid", "aide sociale directe")], max_length=11)),
            ("enrolled", models.BooleanField()),
            ("region", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="rsu.region")),
            ("milieu", models.CharField(choices=[("urban", "urbain"), ("rural", "rural")], max_length=5)),
            ("gaining", models.BigIntegerField(help_text="households")),
            ("losing", models.BigIntegerField(help_text="households")),
            ("coming_in", models.BigIntegerField(help_text="of those gaining, households that had nothing")),
            ("going_out", models.BigIntegerField(help_text="of those losing, households left with nothing")),
            ("gained", models.BigIntegerField(help_text="centimes")),
            ("lost", models.BigIntegerField(help_text="centimes, positive")),
        ],
        options={
            "verbose_name": "écart d’un scénario",
            "verbose_name_plural": "écarts d’un scénario",
            "constraints": [
                models.UniqueConstraint(fields=("forecast", "program", "enrolled", "region", "milieu"), name="difference_cell_once"),
            ],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="forecastdifference",
        trigger=pgtrigger.compiler.Trigger(
            name="forecast_difference_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="d922e2fefeae367560d3333e79bdc46cd863ca79",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_forecast_difference_keeps_rows_d7f26",
                table="enrollment_forecastdifference",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="forecastdifference",
        trigger=pgtrigger.compiler.Trigger(
            name="forecast_difference_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'forecast_difference is append-only: it cannot be truncated';",
                hash="86bf7c719d3a9f0679d38ea06e0b521756ea2084",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_forecast_difference_keeps_all_38b3a",
                table="enrollment_forecastdifference",
                when="BEFORE",
            ),
        ),
    ),
]
