"""Former RAMED beneficiaries, row by row, and the covers they were moved to."""

import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

TABLES = [
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
            ("status", models.CharField(choices=[("planned", "reçu"), ("running", "en cours"), ("closed", "terminé"), ("failed", "en échec")], default="planned", max_length=8)),
            ("rows", models.IntegerField(help_text="rows of the file; NULL until all of it has been read", null=True)),
            ("reason", models.TextField(blank=True, help_text="why it failed, in a sentence")),
            ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("received_at", models.DateTimeField(auto_now_add=True)),
            ("started_at", models.DateTimeField(null=True)),
            ("finished_at", models.DateTimeField(null=True)),
            ("forgotten_at", models.DateTimeField(help_text="when the bytes and what the rows say were removed", null=True)),
        ],
        options={
            "verbose_name": "bascule du RAMED",
            "verbose_name_plural": "bascules du RAMED",
            "ordering": ["-id"],
            "constraints": [
                models.CheckConstraint(condition=models.Q(models.Q(("status", "closed"), _negated=True), ("rows__isnull", False), _connector="OR"), name="ramed_closed_was_read"),
                models.CheckConstraint(condition=models.Q(("covered_from__lt", models.F("covered_until"))), name="ramed_covers_some_days"),
            ],
        },
    ),
    migrations.CreateModel(
        name="RamedLot",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("migration", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="lots", to="enrollment.ramedmigration")),
            ("step", models.CharField(choices=[("1_read", "lecture"), ("2_check", "vérification"), ("3_load", "bascule")], max_length=7)),
            ("first", models.IntegerField(help_text="row of the file, its headings being row 1")),
            ("last", models.IntegerField(null=True)),
            ("place", models.BigIntegerField(default=0, help_text="of a reading: the byte it begins at")),
            ("size", models.IntegerField(default=0, help_text="rows")),
            ("status", models.CharField(choices=[("waiting", "en attente"), ("claimed", "pris"), ("done", "fait"), ("failed", "en échec")], default="waiting", max_length=8)),
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
        ],
        options={
            "verbose_name": "lot d’une bascule",
            "verbose_name_plural": "lots d’une bascule",
            "ordering": ["migration", "step", "first"],
            "indexes": [
                models.Index(condition=models.Q(("status", "done"), _negated=True), fields=["status", "claimed_at"], name="ramed_lot_to_do"),
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
                                        django.db.models.expressions.CombinedExpression(models.F("covered"), "+", models.F("already")), "+", models.F("aside")
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
    migrations.CreateModel(
        name="RamedRow",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("migration", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="unmoved", to="enrollment.ramedmigration")),
            ("number", models.IntegerField(help_text="in the file, the headings being row 1")),
            ("outcome", models.CharField(choices=[("aside", "écartée"), ("queued", "à régler"), ("refused", "refusée")], max_length=7)),
            ("kind", models.CharField(max_length=20)),
            ("problems", models.JSONField(default=list)),
            ("cells", models.JSONField(default=dict)),
            ("principal", models.BooleanField()),
            ("card", models.CharField(blank=True, help_text="RAMED number of this person", max_length=20)),
            ("holder", models.CharField(blank=True, help_text="RAMED number of the principal; a principal's own", max_length=20)),
            ("idcs", models.CharField(blank=True, max_length=10)),
            ("born_on", models.DateField(null=True)),
            ("sex", models.CharField(blank=True, max_length=6)),
            ("commune", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="rsu.commune")),
            (
                "settled",
                models.CharField(
                    blank=True, choices=[("accepted", "acceptée"), ("corrected", "acceptée, IDCS corrigé"), ("followed", "acceptée avec son assuré principal"), ("rejected", "rejetée")], max_length=9
                ),
            ),
            ("settled_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("settled_at", models.DateTimeField(null=True)),
            ("reason", models.TextField(blank=True)),
        ],
        options={
            "verbose_name": "ligne non basculée",
            "verbose_name_plural": "lignes non basculées",
            "ordering": ["migration", "number"],
            "indexes": [
                models.Index(condition=models.Q(("outcome", "queued"), ("settled", "")), fields=["commune", "id"], name="ramed_row_to_settle"),
                models.Index(condition=models.Q(("outcome", "queued"), ("settled", "")), fields=["migration", "holder"], name="ramed_row_by_principal"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("migration", "number"), name="ramed_row_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("settled", ""), ("settled_at", None), ("settled_by", None)),
                        models.Q(("outcome", "queued"), ("settled_at__isnull", False), ("settled_by__isnull", False), models.Q(("settled", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="ramed_row_settled_by_somebody",
                ),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("settled", "rejected"), _negated=True), models.Q(("reason", ""), _negated=True), _connector="OR"), name="ramed_row_rejected_with_reason"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="MigratedCover",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("migration", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="covers", to="enrollment.ramedmigration")),
            ("number", models.IntegerField(help_text="row of the file")),
            ("idcs", models.CharField(max_length=10)),
            ("principal_idcs", models.CharField(help_text="of the unit: the insured person", max_length=10)),
            ("quality", models.CharField(choices=[("insured", "assuré"), ("dependant", "ayant droit"), ("household", "ménage")], max_length=9)),
            ("card", models.CharField(max_length=20)),
            ("last_name_fr", models.CharField(blank=True, max_length=60)),
            ("first_name_fr", models.CharField(blank=True, max_length=60)),
            ("last_name_ar", models.CharField(blank=True, max_length=60)),
            ("first_name_ar", models.CharField(blank=True, max_length=60)),
            ("sex", models.CharField(max_length=6)),
            ("born_on", models.DateField()),
            ("birth_precision", models.CharField(default="day", max_length=5)),
            ("commune", models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rsu.commune")),
            ("milieu", models.CharField(blank=True, choices=[("urban", "urbain"), ("rural", "rural")], help_text="in which it is counted", max_length=5)),
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
            ("household", models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="households.household")),
            ("enrollment", models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="enrollment.enrollment")),
            ("synthetic", models.BooleanField(default=False, help_text="an invented person")),
        ],
        options={
            "verbose_name": "couverture basculée",
            "verbose_name_plural": "couvertures basculées",
            "ordering": ["id"],
            "indexes": [
                models.Index(fields=["principal_idcs"], name="migrated_cover_unit"),
                models.Index(condition=models.Q(("status", "migrated")), fields=["id"], name="migrated_cover_running"),
                models.Index(condition=models.Q(("household__isnull", False)), fields=["household"], name="migrated_cover_household"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("idcs",), name="person_migrated_once", violation_error_message="Cette personne a déjà été basculée du RAMED."),
                models.UniqueConstraint(fields=("migration", "number"), name="migrated_cover_row_once"),
                models.CheckConstraint(condition=models.Q(("since__lte", models.F("until"))), name="migrated_cover_forward"),
                models.CheckConstraint(condition=models.Q(("status__in", ["migrated", "active", "ended"])), name="migrated_cover_status"),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("enrollment__isnull", False), ("status", "active")), models.Q(("status", "active"), _negated=True), _connector="OR"), name="migrated_cover_taken_over"
                ),
                models.CheckConstraint(condition=models.Q(("idcs__regex", "^[2-9][0-9]{9}$")), name="migrated_cover_idcs_pattern"),
            ],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="migratedcover",
        trigger=pgtrigger.compiler.Trigger(
            name="moved_is_not_enrolled",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                declare="DECLARE overlapping bigint;",
                func="LOCK TABLE enrollment_enrollment IN SHARE MODE; SELECT n.id INTO overlapping FROM enrollment_enrollment e JOIN new_rows n ON e.idcs = n.idcs AND e.program IN ('amo_tadamon', 'amo_achamil') AND e.status IN ('active', 'in_review', 'suspended', 'ended') AND e.since < n.until AND n.since < e.until AND e.since < e.until AND n.since < n.until LIMIT 1;\n    IF overlapping IS NOT NULL THEN\n        RAISE EXCEPTION 'person_covered_in_one_table: covered on one day by an enrollment and as moved from RAMED'\n            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'person_covered_in_one_table';\n    END IF;\n    RETURN NULL;\n",
                hash="4d127257adafe2313b2f03077e3057bb56f7cfd9",
                level="STATEMENT",
                operation="INSERT",
                pgid="pgtrigger_moved_is_not_enrolled_30170",
                referencing="REFERENCING NEW TABLE AS new_rows ",
                table="enrollment_migratedcover",
                when="AFTER",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="migratedcover",
        trigger=pgtrigger.compiler.Trigger(
            name="grown_is_not_enrolled",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                declare="DECLARE overlapping bigint;",
                func="IF NOT EXISTS (SELECT FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.idcs <> o.idcs OR n.since < o.since OR n.until > o.until) THEN RETURN NULL; END IF;LOCK TABLE enrollment_enrollment IN SHARE MODE; SELECT n.id INTO overlapping FROM enrollment_enrollment e JOIN new_rows n ON e.idcs = n.idcs AND e.program IN ('amo_tadamon', 'amo_achamil') AND e.status IN ('active', 'in_review', 'suspended', 'ended') AND e.since < n.until AND n.since < e.until AND e.since < e.until AND n.since < n.until LIMIT 1;\n    IF overlapping IS NOT NULL THEN\n        RAISE EXCEPTION 'person_covered_in_one_table: covered on one day by an enrollment and as moved from RAMED'\n            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'person_covered_in_one_table';\n    END IF;\n    RETURN NULL;\n",
                hash="0a55c888fb9b0a9c43e65c80b85cbef8544d301e",
                level="STATEMENT",
                operation="UPDATE",
                pgid="pgtrigger_grown_is_not_enrolled_2d453",
                referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                table="enrollment_migratedcover",
                when="AFTER",
            ),
        ),
    ),
    migrations.CreateModel(
        name="MigratedMove",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("cover", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="moves", to="enrollment.migratedcover")),
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
            ("by", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField(auto_now_add=True)),
            ("reason", models.TextField(blank=True)),
        ],
        options={
            "verbose_name": "changement d’une couverture basculée",
            "verbose_name_plural": "changements de couvertures basculées",
            "ordering": ["cover", "id"],
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
]
