import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from rsu.whole_tables import WholeTables


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0012_running_covers_are_watched"),
        ("households", "0019_words_of_the_kinds_of_requests"),
        ("rsu", "0001_initial"),
        ("rsu", "__first__"),
    ]

    operations = [
        WholeTables(
            [
                migrations.CreateModel(
                    name="MigratedCover",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("number", models.IntegerField(help_text="row of the file")),
                        ("idcs", models.CharField(max_length=10)),
                        ("principal_idcs", models.CharField(help_text="of the unit: the insured person", max_length=10)),
                        (
                            "quality",
                            models.CharField(
                                choices=[("insured", "assuré"), ("dependant", "ayant droit"), ("household", "ménage")], max_length=9
                            ),
                        ),
                        ("card", models.CharField(max_length=20)),
                        ("last_name_fr", models.CharField(blank=True, max_length=60)),
                        ("first_name_fr", models.CharField(blank=True, max_length=60)),
                        ("last_name_ar", models.CharField(blank=True, max_length=60)),
                        ("first_name_ar", models.CharField(blank=True, max_length=60)),
                        ("sex", models.CharField(max_length=6)),
                        ("born_on", models.DateField()),
                        ("birth_precision", models.CharField(default="day", max_length=5)),
                        (
                            "milieu",
                            models.CharField(
                                blank=True,
                                choices=[("urban", "urbain"), ("rural", "rural")],
                                help_text="in which it is counted",
                                max_length=5,
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("proposed", "proposée"),
                                    ("migrated", "basculée"),
                                    ("active", "en cours"),
                                    ("in_review", "à revoir"),
                                    ("suspended", "suspendue"),
                                    ("ended", "terminée"),
                                    ("refused", "refusée"),
                                ],
                                default="migrated",
                                max_length=9,
                            ),
                        ),
                        ("since", models.DateField()),
                        ("until", models.DateField(help_text="exclusive")),
                        ("synthetic", models.BooleanField(default=False, help_text="an invented person")),
                        (
                            "commune",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="rsu.commune",
                            ),
                        ),
                        (
                            "enrollment",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="enrollment.enrollment",
                            ),
                        ),
                        (
                            "household",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="households.household",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "couverture basculée",
                        "verbose_name_plural": "couvertures basculées",
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="MigratedMove",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "before",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("proposed", "proposée"),
                                    ("migrated", "basculée"),
                                    ("active", "en cours"),
                                    ("in_review", "à revoir"),
                                    ("suspended", "suspendue"),
                                    ("ended", "terminée"),
                                    ("refused", "refusée"),
                                ],
                                max_length=9,
                            ),
                        ),
                        (
                            "after",
                            models.CharField(
                                choices=[
                                    ("proposed", "proposée"),
                                    ("migrated", "basculée"),
                                    ("active", "en cours"),
                                    ("in_review", "à revoir"),
                                    ("suspended", "suspendue"),
                                    ("ended", "terminée"),
                                    ("refused", "refusée"),
                                ],
                                max_length=9,
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        ("reason", models.TextField(blank=True)),
                        (
                            "by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "cover",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="moves",
                                to="enrollment.migratedcover",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "changement d’une couverture basculée",
                        "verbose_name_plural": "changements de couvertures basculées",
                        "ordering": ["cover", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="RamedMigration",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("name", models.CharField(max_length=200)),
                        ("digest", models.CharField(help_text="SHA-256 of the bytes", max_length=64, unique=True)),
                        ("size", models.BigIntegerField(help_text="bytes")),
                        ("encoding", models.CharField(blank=True, help_text="of a CSV; empty for a workbook", max_length=12)),
                        ("separator", models.CharField(blank=True, max_length=1)),
                        ("covered_from", models.DateField(help_text="first day of cover")),
                        ("covered_until", models.DateField(help_text="exclusive: from this day the score decides")),
                        (
                            "status",
                            models.CharField(
                                choices=[("planned", "reçu"), ("running", "en cours"), ("closed", "terminé"), ("failed", "en échec")],
                                default="planned",
                                max_length=8,
                            ),
                        ),
                        ("rows", models.IntegerField(help_text="rows of the file; NULL until all of it has been read", null=True)),
                        ("reason", models.TextField(blank=True, help_text="why it failed, in a sentence")),
                        ("received_at", models.DateTimeField(auto_now_add=True)),
                        ("started_at", models.DateTimeField(null=True)),
                        ("finished_at", models.DateTimeField(null=True)),
                        ("forgotten_at", models.DateTimeField(help_text="when the bytes and what the rows say were removed", null=True)),
                        (
                            "by",
                            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                        ),
                    ],
                    options={
                        "verbose_name": "bascule du RAMED",
                        "verbose_name_plural": "bascules du RAMED",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(models.Q(("status", "closed"), _negated=True), ("rows__isnull", False), _connector="OR"),
                                name="ramed_closed_was_read",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("covered_from__lt", models.F("covered_until"))), name="ramed_covers_some_days"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RamedLot",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "step",
                            models.CharField(
                                choices=[("1_read", "lecture"), ("2_check", "vérification"), ("3_load", "bascule")], max_length=7
                            ),
                        ),
                        ("first", models.IntegerField(help_text="row of the file, its headings being row 1")),
                        ("last", models.IntegerField(null=True)),
                        ("place", models.BigIntegerField(default=0, help_text="of a reading: the byte it begins at")),
                        ("size", models.IntegerField(default=0, help_text="rows")),
                        (
                            "status",
                            models.CharField(
                                choices=[("waiting", "en attente"), ("claimed", "pris"), ("done", "fait"), ("failed", "en échec")],
                                default="waiting",
                                max_length=8,
                            ),
                        ),
                        ("attempts", models.SmallIntegerField(default=0)),
                        ("worker", models.CharField(blank=True, max_length=120)),
                        ("claimed_at", models.DateTimeField(null=True)),
                        ("done_at", models.DateTimeField(null=True)),
                        ("covered", models.IntegerField(default=0)),
                        ("principals", models.IntegerField(default=0, help_text="of those covered")),
                        ("already", models.IntegerField(default=0)),
                        ("aside", models.IntegerField(default=0)),
                        ("queued", models.IntegerField(default=0)),
                        ("refused", models.IntegerField(default=0)),
                        ("error", models.TextField(blank=True)),
                        (
                            "migration",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="lots", to="enrollment.ramedmigration"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "lot d’une bascule",
                        "verbose_name_plural": "lots d’une bascule",
                        "ordering": ["migration", "step", "first"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "done"), _negated=True),
                                fields=["status", "claimed_at"],
                                name="ramed_lot_to_do",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("migration", "step", "first"), name="ramed_lot_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "done"), ("step", "3_load"), _negated=True),
                                    (
                                        "size",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    django.db.models.expressions.CombinedExpression(
                                                        models.F("covered"), "+", models.F("already")
                                                    ),
                                                    "+",
                                                    models.F("aside"),
                                                ),
                                                "+",
                                                models.F("queued"),
                                            ),
                                            "+",
                                            models.F("refused"),
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="ramed_lot_counts_every_row",
                            ),
                        ],
                    },
                ),
                migrations.AddField(
                    model_name="migratedcover",
                    name="migration",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="covers",
                        to="enrollment.ramedmigration",
                    ),
                ),
                migrations.CreateModel(
                    name="RamedRow",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("number", models.IntegerField(help_text="in the file, the headings being row 1")),
                        (
                            "outcome",
                            models.CharField(choices=[("aside", "écartée"), ("queued", "à régler"), ("refused", "refusée")], max_length=7),
                        ),
                        ("kind", models.CharField(max_length=20)),
                        ("problems", models.JSONField(default=list)),
                        ("cells", models.JSONField(default=dict)),
                        ("principal", models.BooleanField()),
                        ("card", models.CharField(blank=True, help_text="RAMED number of this person", max_length=20)),
                        (
                            "holder",
                            models.CharField(blank=True, help_text="RAMED number of the principal; a principal's own", max_length=20),
                        ),
                        ("idcs", models.CharField(blank=True, max_length=10)),
                        ("born_on", models.DateField(null=True)),
                        ("sex", models.CharField(blank=True, max_length=6)),
                        (
                            "settled",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("accepted", "acceptée"),
                                    ("corrected", "acceptée, IDCS corrigé"),
                                    ("followed", "acceptée avec son assuré principal"),
                                    ("rejected", "rejetée"),
                                ],
                                max_length=9,
                            ),
                        ),
                        ("settled_at", models.DateTimeField(null=True)),
                        ("reason", models.TextField(blank=True)),
                        (
                            "commune",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="rsu.commune",
                            ),
                        ),
                        (
                            "migration",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="unmoved",
                                to="enrollment.ramedmigration",
                            ),
                        ),
                        (
                            "settled_by",
                            models.ForeignKey(
                                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "ligne non basculée",
                        "verbose_name_plural": "lignes non basculées",
                        "ordering": ["migration", "number"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("outcome", "queued"), ("settled", "")),
                                fields=["commune", "id"],
                                name="ramed_row_to_settle",
                            ),
                            models.Index(
                                condition=models.Q(("outcome", "queued"), ("settled", "")),
                                fields=["migration", "holder"],
                                name="ramed_row_by_principal",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("migration", "number"), name="ramed_row_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("settled", ""), ("settled_at", None), ("settled_by", None)),
                                    models.Q(
                                        ("outcome", "queued"),
                                        ("settled_at__isnull", False),
                                        ("settled_by__isnull", False),
                                        models.Q(("settled", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="ramed_row_settled_by_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("settled", "rejected"), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="ramed_row_rejected_with_reason",
                            ),
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="migratedmove",
                    trigger=pgtrigger.compiler.Trigger(
                        name="migrated_move_keeps_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="ffa5e491704c7caf6cb4165f5786d1a064c08c6c",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_migrated_move_keeps_rows_4a4b0",
                            table="enrollment_migratedmove",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="migratedmove",
                    trigger=pgtrigger.compiler.Trigger(
                        name="migrated_move_keeps_all",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'migrated_move is append-only: it cannot be truncated';",
                            hash="a6bff8cec75f573a470df7262c3cc7e296d0e531",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_migrated_move_keeps_all_4e6e5",
                            table="enrollment_migratedmove",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddIndex(
                    model_name="migratedcover",
                    index=models.Index(fields=["principal_idcs"], name="migrated_cover_unit"),
                ),
                migrations.AddIndex(
                    model_name="migratedcover",
                    index=models.Index(condition=models.Q(("status", "migrated")), fields=["id"], name="migrated_cover_running"),
                ),
                migrations.AddIndex(
                    model_name="migratedcover",
                    index=models.Index(
                        condition=models.Q(("household__isnull", False)), fields=["household"], name="migrated_cover_household"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="migratedcover",
                    constraint=models.UniqueConstraint(
                        fields=("idcs",),
                        name="person_migrated_once",
                        violation_error_message="Cette personne a déjà été basculée du RAMED.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="migratedcover",
                    constraint=models.UniqueConstraint(fields=("migration", "number"), name="migrated_cover_row_once"),
                ),
                migrations.AddConstraint(
                    model_name="migratedcover",
                    constraint=models.CheckConstraint(condition=models.Q(("since__lte", models.F("until"))), name="migrated_cover_forward"),
                ),
                migrations.AddConstraint(
                    model_name="migratedcover",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("status__in", ["migrated", "active", "ended"])), name="migrated_cover_status"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="migratedcover",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("enrollment__isnull", False), ("status", "active")),
                            models.Q(("status", "active"), _negated=True),
                            _connector="OR",
                        ),
                        name="migrated_cover_taken_over",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="migratedcover",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("idcs__regex", "^[2-9][0-9]{9}$")), name="migrated_cover_idcs_pattern"
                    ),
                ),
            ]
        )
    ]
