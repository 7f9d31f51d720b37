"""Units, enrollments, their moves and their suspensions."""

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
        name="Unit",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("household", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="units", to="households.household")),
            (
                "kind",
                models.CharField(
                    choices=[("family", "chef, conjoint et enfants à charge"), ("couple", "autre couple avec ses enfants"), ("lone_parent", "parent seul avec ses enfants"), ("adult", "adulte seul")],
                    max_length=11,
                ),
            ),
            ("insured", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="households.member")),
            ("insured_idcs", models.CharField(max_length=10)),
            ("formed_at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "verbose_name": "unité d’assurance",
            "verbose_name_plural": "unités d’assurance",
            "ordering": ["household", "id"],
        },
    ),
    migrations.CreateModel(
        name="Enrollment",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("program", models.CharField(choices=[("amo_tadamon", "AMO-TADAMON"), ("amo_achamil", "AMO ACHAMIL"), ("direct_aid", "aide sociale directe")], max_length=11)),
            ("household", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="enrollments", to="households.household")),
            ("unit", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="enrollments", to="enrollment.unit")),
            ("member", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="enrollments", to="households.member")),
            ("idcs", models.CharField(blank=True, help_text="the covered person; empty for a household's aid", max_length=10)),
            ("quality", models.CharField(choices=[("insured", "assuré"), ("dependant", "ayant droit"), ("household", "ménage")], max_length=9)),
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
                    default="proposed",
                    max_length=9,
                ),
            ),
            ("since", models.DateField(null=True)),
            ("until", models.DateField(default=datetime.date(9999, 12, 31), help_text="exclusive")),
            ("determination", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="enrollments", to="eligibility.determination")),
            ("commune", models.ForeignKey(help_text="where it is counted", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rsu.commune")),
            ("milieu", models.CharField(choices=[("urban", "urbain"), ("rural", "rural")], help_text="in which it is counted", max_length=5)),
            ("people", models.SmallIntegerField(default=1, help_text="persons it was counted for when it opened")),
            ("proposed_at", models.DateTimeField(auto_now_add=True)),
            ("decided_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("decided_at", models.DateTimeField(null=True)),
            ("reason", models.TextField(blank=True)),
        ],
        options={
            "verbose_name": "inscription",
            "verbose_name_plural": "inscriptions",
            "ordering": ["-id"],
            "indexes": [
                models.Index(fields=["commune", "status", "id"], name="enrollment_work"),
                models.Index(fields=["idcs"], name="enrollment_by_person"),
            ],
            "constraints": [
                django.contrib.postgres.constraints.ExclusionConstraint(
                    condition=models.Q(("program__in", ("amo_tadamon", "amo_achamil")), ("status__in", ("active", "in_review", "suspended", "ended"))),
                    expressions=[("idcs", "="), (enrollment.models.cover.Period(models.F("since"), models.F("until")), "&&")],
                    name="person_covered_once",
                    violation_error_message="Cette personne est déjà couverte sur cette période.",
                ),
                django.contrib.postgres.constraints.ExclusionConstraint(
                    condition=models.Q(("program", "direct_aid"), ("status__in", ("active", "in_review", "suspended", "ended"))),
                    expressions=[("household", "="), (enrollment.models.cover.Period(models.F("since"), models.F("until")), "&&")],
                    name="household_aided_once",
                    violation_error_message="Ce ménage reçoit déjà l’aide sur cette période.",
                ),
                models.UniqueConstraint(condition=models.Q(("status", "proposed")), fields=("program", "household", "idcs"), name="enrollment_proposed_once"),
                models.CheckConstraint(condition=models.Q(("since__isnull", True), ("since__lte", models.F("until")), _connector="OR"), name="enrollment_forward"),
                models.CheckConstraint(condition=models.Q(("status__in", ["proposed", "refused"]), ("since__isnull", False), _connector="OR"), name="enrollment_open_has_start"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("program__in", ("amo_tadamon", "amo_achamil")), models.Q(("idcs", ""), _negated=True)),
                        models.Q(("idcs", ""), ("program", "direct_aid"), ("quality", "household")),
                        _connector="OR",
                    ),
                    name="enrollment_person_or_household",
                ),
            ],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="enrollment",
        trigger=pgtrigger.compiler.Trigger(
            name="opened_cover_is_watched",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="\n    INSERT INTO enrollment_coverwatch (household_id, followed_on, next_on, warn_for, facts_id)\n    SELECT n.household_id, min(n.since), min(n.since), NULL, 0 FROM new_rows n  WHERE n.program IN ('amo_tadamon', 'amo_achamil') AND n.status IN ('active', 'in_review', 'suspended')\n    GROUP BY n.household_id ORDER BY n.household_id\n    ON CONFLICT (household_id) DO UPDATE SET next_on = LEAST(enrollment_coverwatch.next_on, EXCLUDED.next_on);\n    RETURN NULL;\n",
                hash="f5b999190843f986370f831b001ffc06de664e6b",
                level="STATEMENT",
                operation="INSERT",
                pgid="pgtrigger_opened_cover_is_watched_c9b2f",
                referencing="REFERENCING NEW TABLE AS new_rows ",
                table="enrollment_enrollment",
                when="AFTER",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="enrollment",
        trigger=pgtrigger.compiler.Trigger(
            name="accepted_cover_is_watched",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="\n    INSERT INTO enrollment_coverwatch (household_id, followed_on, next_on, warn_for, facts_id)\n    SELECT n.household_id, min(n.since), min(n.since), NULL, 0 FROM new_rows n JOIN old_rows o ON o.id = n.id AND NOT (o.status IN ('active', 'in_review', 'suspended')) WHERE n.program IN ('amo_tadamon', 'amo_achamil') AND n.status IN ('active', 'in_review', 'suspended')\n    GROUP BY n.household_id ORDER BY n.household_id\n    ON CONFLICT (household_id) DO UPDATE SET next_on = LEAST(enrollment_coverwatch.next_on, EXCLUDED.next_on);\n    RETURN NULL;\n",
                hash="1fad52ea19e820b92ca3c7dd9ba6ce0780c05954",
                level="STATEMENT",
                operation="UPDATE",
                pgid="pgtrigger_accepted_cover_is_watched_9f359",
                referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                table="enrollment_enrollment",
                when="AFTER",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="enrollment",
        trigger=pgtrigger.compiler.Trigger(
            name="enrolled_is_not_moved",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                declare="DECLARE overlapping bigint;",
                func="SELECT n.id INTO overlapping FROM new_rows e JOIN enrollment_migratedcover n ON e.idcs = n.idcs AND e.program IN ('amo_tadamon', 'amo_achamil') AND e.status IN ('active', 'in_review', 'suspended', 'ended') AND e.since < n.until AND n.since < e.until AND e.since < e.until AND n.since < n.until LIMIT 1;\n    IF overlapping IS NOT NULL THEN\n        RAISE EXCEPTION 'person_covered_in_one_table: covered on one day by an enrollment and as moved from RAMED'\n            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'person_covered_in_one_table';\n    END IF;\n    RETURN NULL;\n",
                hash="57492d11af6041554edd9767a1e4c163647e6d7e",
                level="STATEMENT",
                operation="INSERT",
                pgid="pgtrigger_enrolled_is_not_moved_7e1a9",
                referencing="REFERENCING NEW TABLE AS new_rows ",
                table="enrollment_enrollment",
                when="AFTER",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="enrollment",
        trigger=pgtrigger.compiler.Trigger(
            name="changed_is_not_moved",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                declare="DECLARE overlapping bigint;",
                func="SELECT n.id INTO overlapping FROM new_rows e JOIN enrollment_migratedcover n ON e.idcs = n.idcs AND e.program IN ('amo_tadamon', 'amo_achamil') AND e.status IN ('active', 'in_review', 'suspended', 'ended') AND e.since < n.until AND n.since < e.until AND e.since < e.until AND n.since < n.until LIMIT 1;\n    IF overlapping IS NOT NULL THEN\n        RAISE EXCEPTION 'person_covered_in_one_table: covered on one day by an enrollment and as moved from RAMED'\n            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'person_covered_in_one_table';\n    END IF;\n    RETURN NULL;\n",
                hash="bb82bbce4315561e44cbb04ae44145ed6622aaaf",
                level="STATEMENT",
                operation="UPDATE",
                pgid="pgtrigger_changed_is_not_moved_fba66",
                referencing="REFERENCING NEW TABLE AS new_rows ",
                table="enrollment_enrollment",
                when="AFTER",
            ),
        ),
    ),
    migrations.CreateModel(
        name="EnrollmentMove",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("enrollment", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="moves", to="enrollment.enrollment")),
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
            ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField(auto_now_add=True)),
            ("reason", models.TextField(blank=True)),
        ],
        options={
            "verbose_name": "changement de statut",
            "verbose_name_plural": "changements de statut",
            "ordering": ["enrollment", "id"],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="enrollmentmove",
        trigger=pgtrigger.compiler.Trigger(
            name="enrollment_move_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="d6991faafd36250132aabd4e427ffaa142436d80",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_enrollment_move_keeps_rows_ba16c",
                table="enrollment_enrollmentmove",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="enrollmentmove",
        trigger=pgtrigger.compiler.Trigger(
            name="enrollment_move_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'enrollment_move is append-only: it cannot be truncated';",
                hash="b8b78aff0e58baf22761577998515051d56cdb38",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_enrollment_move_keeps_all_a8c21",
                table="enrollment_enrollmentmove",
                when="BEFORE",
            ),
        ),
    ),
    migrations.CreateModel(
        name="Suspension",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("enrollment", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="suspensions", to="enrollment.enrollment")),
            ("since", models.DateField()),
            ("until", models.DateField(default=datetime.date(9999, 12, 31), help_text="exclusive")),
            ("reason", models.TextField()),
            ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "verbose_name": "suspension",
            "verbose_name_plural": "suspensions",
            "ordering": ["enrollment", "since"],
            "constraints": [
                django.contrib.postgres.constraints.ExclusionConstraint(
                    expressions=[("enrollment", "="), (enrollment.models.cover.Period(models.F("since"), models.F("until")), "&&")],
                    name="suspended_once",
                    violation_error_message="Cette inscription est déjà suspendue sur cette période.",
                ),
                models.CheckConstraint(condition=models.Q(("since__lte", models.F("until"))), name="suspension_forward"),
            ],
        },
    ),
]
