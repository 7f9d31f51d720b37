"""A month of aid in one row, and children in institutions."""

import datetime

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import enrollment.models.cover
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="Allowance",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("enrollment", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="allowances", to="enrollment.enrollment")),
            ("household", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="allowances", to="households.household")),
            (
                "commune",
                models.ForeignKey(
                    db_constraint=False, db_index=False, help_text="where the household lived", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rsu.commune"
                ),
            ),
            ("month", models.DateField(help_text="its first day")),
            ("read_on", models.DateField(help_text="the day the family was read on: the 1st, or the day of application")),
            ("amount", models.IntegerField(help_text="centimes: the sum of its lines")),
            (
                "payee",
                models.ForeignKey(
                    db_constraint=False, db_index=False, help_text="who receives it", null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="households.member"
                ),
            ),
            ("payee_idcs", models.CharField(blank=True, max_length=10)),
            (
                "provision",
                models.ForeignKey(
                    db_constraint=False, db_index=False, help_text="of the month's amounts", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="eligibility.provision"
                ),
            ),
            ("kinds", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=19), default=list, size=None)),
            ("members", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(null=True), default=list, size=None)),
            ("ranks", django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(null=True), default=list, size=None)),
            ("amounts", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list, size=None)),
            ("provisions", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(null=True), help_text="of a line that comes from another provision", null=True, size=None)),
            ("months", django.contrib.postgres.fields.ArrayField(base_field=models.DateField(null=True), help_text="the month gone by that a line belongs to", null=True, size=None)),
            ("computed_at", models.DateTimeField(auto_now_add=True)),
            ("read_at", models.DateTimeField(help_text="the instant the family was read as of, when that was not the present one", null=True)),
        ],
        options={
            "verbose_name": "aide du mois",
            "verbose_name_plural": "aides du mois",
            "ordering": ["-month"],
            "indexes": [
                django.contrib.postgres.indexes.BrinIndex(fields=["month"], name="allowance_by_month", pages_per_range=32),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("household", "month"), name="allowance_once_a_month"),
                models.CheckConstraint(condition=models.Q(("month__day", 1)), name="allowance_month_is_first_day"),
                models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="allowance_not_negative"),
            ],
        },
    ),
    migrations.CreateModel(
        name="AllowanceLine",
        fields=[
            ("id", models.BigIntegerField(primary_key=True, serialize=False)),
            ("allowance", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="lines", to="enrollment.allowance")),
            ("position", models.SmallIntegerField()),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("child", "enfant de moins de 6 ans ou scolarisé"),
                        ("child_not_in_school", "enfant non scolarisé"),
                        ("orphan", "enfant orphelin de père"),
                        ("disability", "supplément pour handicap"),
                        ("floor", "complément au minimum du ménage"),
                        ("flat", "aide forfaitaire"),
                        ("school_start", "aide à la rentrée scolaire"),
                        ("birth_grant", "prime de naissance"),
                        ("recovery", "retenue d’un trop-perçu"),
                    ],
                    max_length=19,
                ),
            ),
            ("member", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="households.member")),
            ("rank", models.SmallIntegerField(help_text="by birth among the children that count", null=True)),
            ("amount", models.IntegerField(help_text="centimes")),
            ("provision", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="eligibility.provision")),
            ("belongs_to", models.DateField(help_text="first day of the month it is owed for")),
        ],
        options={
            "verbose_name": "ligne de l’aide",
            "verbose_name_plural": "lignes de l’aide",
            "ordering": ["allowance", "position"],
            "managed": False,
        },
    ),
    migrations.CreateModel(
        name="Placement",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("idcs", models.CharField(max_length=10)),
            ("name", models.CharField(max_length=120)),
            ("born_on", models.DateField()),
            ("institution", models.CharField(max_length=120)),
            ("commune", models.ForeignKey(help_text="of the institution: where it is counted", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rsu.commune")),
            ("account", models.CharField(help_text="RIB in the child's name", max_length=24)),
            ("since", models.DateField()),
            ("until", models.DateField(default=datetime.date(9999, 12, 31), help_text="exclusive: the day the child left for good")),
            ("recorded_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("recorded_at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "verbose_name": "placement",
            "verbose_name_plural": "placements",
            "ordering": ["-since", "id"],
            "constraints": [
                django.contrib.postgres.constraints.ExclusionConstraint(
                    expressions=[("idcs", "="), (enrollment.models.cover.Period(models.F("since"), models.F("until")), "&&")],
                    name="placed_once",
                    violation_error_message="Cet enfant est déjà accueilli sur cette période.",
                ),
                models.CheckConstraint(condition=models.Q(("since__lte", models.F("until"))), name="placement_forward"),
            ],
        },
    ),
    migrations.CreateModel(
        name="PlacementMonth",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("placement", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="months", to="enrollment.placement")),
            ("month", models.DateField(help_text="its first day")),
            ("kind", models.CharField(choices=[("monthly", "somme du mois"), ("completion", "complément à la somme garantie")], default="monthly", max_length=10)),
            ("amount", models.IntegerField(help_text="centimes")),
            ("provision", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="eligibility.provision")),
            ("computed_at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "verbose_name": "mois de placement",
            "verbose_name_plural": "mois de placement",
            "ordering": ["placement", "month"],
            "constraints": [
                models.UniqueConstraint(fields=("placement", "month", "kind"), name="placement_month_once"),
                models.CheckConstraint(condition=models.Q(("month__day", 1)), name="placement_month_is_first_day"),
                models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="placement_month_positive"),
            ],
        },
    ),
]
