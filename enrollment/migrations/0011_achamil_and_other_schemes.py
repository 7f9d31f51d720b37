import datetime

import django.contrib.postgres.constraints
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from rsu.whole_tables import WholeTables

import enrollment.models.cover


class Migration(migrations.Migration):
    dependencies = [
        ("eligibility", "0014_notices"),
        ("enrollment", "0010_covers_are_followed"),
        ("households", "0019_words_of_the_kinds_of_requests"),
        ("rsu", "__first__"),
    ]

    operations = [
        WholeTables(
            [
                migrations.CreateModel(
                    name="Adhesion",
                    fields=[
                        (
                            "enrollment",
                            models.OneToOneField(
                                help_text="the insured person's",
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="adhesion",
                                serialize=False,
                                to="enrollment.enrollment",
                            ),
                        ),
                        ("joined_on", models.DateField()),
                        ("first_month", models.DateField(help_text="first day of the first month due")),
                        (
                            "waiting_months",
                            models.SmallIntegerField(help_text="months to pay before rights open: 0, the waiting is waived"),
                        ),
                        ("rights_on", models.DateField(null=True)),
                        ("left_on", models.DateField(help_text="first day that is no longer contributed for", null=True)),
                    ],
                    options={
                        "verbose_name": "adhésion à l’AMO ACHAMIL",
                        "verbose_name_plural": "adhésions à l’AMO ACHAMIL",
                        "ordering": ["enrollment"],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("first_month__day", 1)), name="adhesion_first_month_is_first_day"),
                            models.CheckConstraint(condition=models.Q(("waiting_months__gte", 0)), name="adhesion_waiting_not_negative"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Contribution",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("month", models.DateField(help_text="its first day")),
                        ("due_on", models.DateField()),
                        ("score", models.BigIntegerField(help_text="the household's on the due day, in ten-millionths")),
                        ("amount", models.IntegerField(help_text="centimes")),
                        ("paid_on", models.DateField(null=True)),
                        ("reference", models.CharField(blank=True, help_text="of the payment, at the insurer", max_length=60)),
                        ("recorded_at", models.DateTimeField(null=True)),
                        (
                            "adhesion",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="contributions", to="enrollment.adhesion"
                            ),
                        ),
                        (
                            "band",
                            models.ForeignKey(
                                help_text="the provision of the bands",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="eligibility.provision",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "cotisation",
                        "verbose_name_plural": "cotisations",
                        "ordering": ["adhesion", "month"],
                        "indexes": [
                            models.Index(condition=models.Q(("paid_on__isnull", True)), fields=["due_on", "id"], name="contribution_unpaid")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("adhesion", "month"),
                                name="contribution_month_once",
                                violation_error_message="Ce mois est déjà appelé.",
                            ),
                            models.CheckConstraint(condition=models.Q(("month__day", 1)), name="contribution_month_is_first_day"),
                            models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="contribution_positive"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("paid_on", None), ("recorded_at", None), ("recorded_by", None)),
                                    models.Q(("paid_on__isnull", False), ("recorded_at__isnull", False), ("recorded_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="contribution_paid_is_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("due_on__gte", models.F("month"))), name="contribution_due_in_its_month"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Direction",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                                choices=[
                                    ("directed", "orientée"),
                                    ("applied", "demande déposée"),
                                    ("confirmed", "couverture confirmée"),
                                    ("refused", "refusée par le régime"),
                                    ("ended", "couverture terminée"),
                                ],
                                max_length=9,
                            ),
                        ),
                        ("directed_on", models.DateField()),
                        ("since", models.DateField(help_text="first day of the other cover", null=True)),
                        ("until", models.DateField(default=datetime.date(9999, 12, 31), help_text="exclusive")),
                        (
                            "reference",
                            models.CharField(blank=True, help_text="number of the file or of the registration there", max_length=60),
                        ),
                        (
                            "household",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="directions", to="households.household"
                            ),
                        ),
                        (
                            "member",
                            models.ForeignKey(
                                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="households.member"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "orientation",
                        "verbose_name_plural": "orientations",
                        "ordering": ["directed_on", "id"],
                        "indexes": [models.Index(fields=["idcs"], name="direction_by_person")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ("directed", "applied"))),
                                fields=("idcs",),
                                name="directed_once",
                                violation_error_message="Cette personne est déjà orientée vers un régime.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ("confirmed", "ended")), _negated=True),
                                    ("since__isnull", False),
                                    _connector="OR",
                                ),
                                name="direction_known_cover_has_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("since__isnull", True), ("since__lte", models.F("until")), _connector="OR"),
                                name="direction_forward",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "ended"), _negated=True), ("until__lt", datetime.date(9999, 12, 31)), _connector="OR"
                                ),
                                name="direction_ended_has_end",
                            ),
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
                        (
                            "before",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("directed", "orientée"),
                                    ("applied", "demande déposée"),
                                    ("confirmed", "couverture confirmée"),
                                    ("refused", "refusée par le régime"),
                                    ("ended", "couverture terminée"),
                                ],
                                max_length=9,
                            ),
                        ),
                        (
                            "after",
                            models.CharField(
                                choices=[
                                    ("directed", "orientée"),
                                    ("applied", "demande déposée"),
                                    ("confirmed", "couverture confirmée"),
                                    ("refused", "refusée par le régime"),
                                    ("ended", "couverture terminée"),
                                ],
                                max_length=9,
                            ),
                        ),
                        ("on_day", models.DateField()),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        ("note", models.CharField(blank=True, max_length=200)),
                        (
                            "by",
                            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                        ),
                        (
                            "direction",
                            models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="moves", to="enrollment.direction"),
                        ),
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
        )
    ]
