"""People directed to another compulsory cover, and each step of it."""

import datetime

import django.contrib.postgres.constraints
import django.db.models.deletion
import enrollment.models.cover
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="Direction",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("household", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="directions", to="households.household")),
            ("member", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="households.member")),
            ("idcs", models.CharField(max_length=10)),
            (
                "scheme",
                models.CharField(
                    choices=[
                        ("amo_employee", "AMO des salariés (CNSS)"),
                        ("amo_self_employed", "AMO des travailleurs non salariés"),
                        ("amo_public", "AMO du secteur public (CNOPS)"),
                        ("amo_student", "AMO des étudiants"),
                        ("military", "mutuelle militaire"),
                    ],
                    max_length=17,
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[("directed", "orientée"), ("applied", "demande déposée"), ("confirmed", "couverture confirmée"), ("refused", "refusée par le régime"), ("ended", "couverture terminée")],
                    max_length=9,
                ),
            ),
            ("directed_on", models.DateField()),
            ("since", models.DateField(help_text="first day of the other cover", null=True)),
            ("until", models.DateField(default=datetime.date(9999, 12, 31), help_text="exclusive")),
            ("reference", models.CharField(blank=True, help_text="number of the file or of the registration there", max_length=60)),
        ],
        options={
            "verbose_name": "orientation",
            "verbose_name_plural": "orientations",
            "ordering": ["directed_on", "id"],
            "indexes": [
                models.Index(fields=["idcs"], name="direction_by_person"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state__in", ("directed", "applied"))), fields=("idcs",), name="directed_once", violation_error_message="Cette personne est déjà orientée vers un régime."
                ),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("state__in", ("confirmed", "ended")), _negated=True), ("since__isnull", False), _connector="OR"), name="direction_known_cover_has_start"
                ),
                models.CheckConstraint(condition=models.Q(("since__isnull", True), ("since__lte", models.F("until")), _connector="OR"), name="direction_forward"),
                models.CheckConstraint(condition=models.Q(models.Q(("state", "ended"), _negated=True), ("until__lt", datetime.date(9999, 12, 31)), _connector="OR"), name="direction_ended_has_end"),
                django.contrib.postgres.constraints.ExclusionConstraint(
                    condition=models.Q(("state__in", ("confirmed", "ended"))),
                    expressions=[("idcs", "="), (enrollment.models.cover.Period(models.F("since"), models.F("until")), "&&")],
                    name="covered_by_one_other_scheme",
                    violation_error_message="Un autre régime couvre déjà cette personne sur cette période.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="DirectionMove",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("direction", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="moves", to="enrollment.direction")),
            (
                "before",
                models.CharField(
                    blank=True,
                    choices=[("directed", "orientée"), ("applied", "demande déposée"), ("confirmed", "couverture confirmée"), ("refused", "refusée par le régime"), ("ended", "couverture terminée")],
                    max_length=9,
                ),
            ),
            (
                "after",
                models.CharField(
                    choices=[("directed", "orientée"), ("applied", "demande déposée"), ("confirmed", "couverture confirmée"), ("refused", "refusée par le régime"), ("ended", "couverture terminée")],
                    max_length=9,
                ),
            ),
            ("on_day", models.DateField()),
            ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField(auto_now_add=True)),
            ("note", models.CharField(blank=True, max_length=200)),
        ],
        options={
            "verbose_name": "étape d’une orientation",
            "verbose_name_plural": "étapes d’une orientation",
            "ordering": ["direction", "id"],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="directionmove",
        trigger=pgtrigger.compiler.Trigger(
            name="direction_move_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="dc955f839795f96c1e5287bc81621b83f70ab5e5",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_direction_move_keeps_rows_44080",
                table="enrollment_directionmove",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="directionmove",
        trigger=pgtrigger.compiler.Trigger(
            name="direction_move_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'direction_move is append-only: it cannot be truncated';",
                hash="5d309e8fb459fade27ad399c00f024e49d058d08",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_direction_move_keeps_all_99edc",
                table="enrollment_directionmove",
                when="BEFORE",
            ),
        ),
    ),
]
