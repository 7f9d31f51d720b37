"""What partners say by periods, and the months to look at again because of it."""

import datetime

import django.contrib.postgres.constraints
import django.db.models.deletion
import households.models.periods
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="PeriodStatement",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("idcs", models.CharField(max_length=10)),
            (
                "kind",
                models.CharField(
                    choices=[("cover", "couverture maladie"), ("allowances", "allocations familiales d’un autre régime"), ("schooling", "scolarité"), ("disability", "attestation de handicap")],
                    max_length=10,
                ),
            ),
            ("agency", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rsu.agency")),
            ("value", models.CharField(max_length=20)),
            ("details", models.JSONField(default=dict)),
            ("since", models.DateField()),
            ("until", models.DateField(default=datetime.date(9999, 12, 31))),
            ("as_of", models.DateField()),
            ("importing", models.ForeignKey(help_text="the delivery that said it last", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="households.import")),
        ],
        options={
            "verbose_name": "période dite par un partenaire",
            "verbose_name_plural": "périodes dites par un partenaire",
            "ordering": ["idcs", "kind", "since", "id"],
            "constraints": [
                models.UniqueConstraint(fields=("idcs", "kind", "agency", "since", "until", "value", "details"), name="period_statement_once"),
                models.CheckConstraint(condition=models.Q(("since__lt", models.F("until"))), name="period_statement_forward"),
            ],
        },
    ),
    migrations.CreateModel(
        name="VerifiedPeriod",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("idcs", models.CharField(max_length=10)),
            (
                "kind",
                models.CharField(
                    choices=[("cover", "couverture maladie"), ("allowances", "allocations familiales d’un autre régime"), ("schooling", "scolarité"), ("disability", "attestation de handicap")],
                    max_length=10,
                ),
            ),
            ("agency", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rsu.agency")),
            ("value", models.CharField(max_length=20)),
            ("details", models.JSONField(default=dict)),
            ("since", models.DateField()),
            ("until", models.DateField(default=datetime.date(9999, 12, 31))),
            ("as_of", models.DateField()),
            ("implied", models.BooleanField(default=False)),
            ("held", models.BooleanField(default=False)),
        ],
        options={
            "verbose_name": "période vérifiée",
            "verbose_name_plural": "périodes vérifiées",
            "ordering": ["idcs", "kind", "agency", "since"],
            "indexes": [
                models.Index(fields=["idcs", "kind", "since"], name="verified_period_of_person"),
            ],
            "constraints": [
                django.contrib.postgres.constraints.ExclusionConstraint(
                    expressions=[("idcs", "="), ("kind", "="), ("agency", "="), (households.models.periods.Days("since", "until"), "&&")], name="verified_period_once_a_day"
                ),
                models.CheckConstraint(condition=models.Q(("since__lt", models.F("until"))), name="verified_period_forward"),
            ],
        },
    ),
    migrations.CreateModel(
        name="MonthsToReview",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("household", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="months_to_review", to="households.household")),
            ("since", models.DateField(help_text="the first month, as its first day")),
            ("importing", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="households.import")),
            ("noted_at", models.DateTimeField(auto_now=True)),
        ],
        options={
            "verbose_name": "mois à revoir",
            "verbose_name_plural": "mois à revoir",
            "ordering": ["household"],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("since__day", 1)), name="months_to_review_from_a_first"),
            ],
        },
    ),
]
