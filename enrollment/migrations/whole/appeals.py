"""Appeals, their moves and notes, and what was called to the supervisors."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="Appeal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("household", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="appeals", to="households.household")),
            ("request", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="appeal", to="households.request")),
            (
                "contests",
                models.CharField(
                    choices=[("determination", "un droit refusé ou perdu par l’indice"), ("enrollment", "une décision d’inscription"), ("month", "le montant d’un mois"), ("score", "l’indice")],
                    max_length=13,
                ),
            ),
            (
                "program",
                models.CharField(blank=True, choices=[("amo_tadamon", "AMO-TADAMON"), ("direct_aid", "aide sociale directe")], help_text="empty when the score itself is contested", max_length=11),
            ),
            ("determination_id", models.BigIntegerField(help_text="as it stood: an appeal upheld may cut it away", null=True)),
            ("enrollment", models.ForeignKey(help_text="the first of those decided", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="appeals", to="enrollment.enrollment")),
            ("enrollments", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, help_text="all that one decision was about", size=None)),
            (
                "decided_as",
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
                    help_text="the status the decision gave them",
                    max_length=9,
                ),
            ),
            ("allowance", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="appeals", to="enrollment.allowance")),
            (
                "contested_by",
                models.ForeignKey(help_text="the person who decided, if it was one", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
            ),
            ("contested_on", models.DateField(help_text="the day it was decided")),
            ("since", models.DateField(help_text="the day from which what is contested applies")),
            ("ground", models.CharField(choices=[("answer", "une réponse est fausse"), ("rule", "une règle a été mal appliquée")], max_length=6)),
            ("provision", models.CharField(blank=True, help_text="the key of the law said to be misapplied", max_length=60)),
            ("notice", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="appeals", to="eligibility.notice")),
            ("notified_on", models.DateField(help_text="the time limit runs from it; NULL: nothing was notified, it has not begun", null=True)),
            ("filed_on", models.DateField()),
            ("filed_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("last_day", models.DateField(help_text="last day to file, included", null=True)),
            ("admitted_by", models.ForeignKey(help_text="who admitted it although late", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("admitted_because", models.TextField(blank=True)),
            ("due_on", models.DateField(help_text="last day for the answer")),
            ("assignee", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            (
                "status",
                models.CharField(
                    choices=[("filed", "déposé"), ("in_examination", "en examen"), ("upheld", "accueilli"), ("partly_upheld", "accueilli en partie"), ("dismissed", "rejeté"), ("withdrawn", "retiré")],
                    default="filed",
                    max_length=14,
                ),
            ),
            ("decided_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("decided_on", models.DateField(null=True)),
            ("decided_at", models.DateTimeField(null=True)),
            ("answer", models.TextField(blank=True, help_text="what the family is answered, with the reasons")),
            ("repaired_since", models.DateField(help_text="the day from which it was repaired", null=True)),
            ("effect", models.JSONField(default=dict, help_text="what upholding it gave back, as it was that day")),
        ],
        options={
            "verbose_name": "recours",
            "verbose_name_plural": "recours",
            "ordering": ["due_on", "id"],
            "indexes": [
                models.Index(condition=models.Q(("status__in", ("filed", "in_examination"))), fields=["due_on", "id"], name="appeal_waiting"),
                models.Index(fields=["household", "-id"], name="appeal_by_household"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("status__in", ("filed", "in_examination"))),
                    fields=("household", "contests", "program", "determination_id", "enrollment", "decided_as", "allowance"),
                    name="appeal_open_once",
                    nulls_distinct=False,
                    violation_error_message="Un recours est déjà ouvert contre cette décision.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("allowance", None), ("contests", "determination"), ("determination_id__isnull", False), ("enrollment", None)),
                        models.Q(("allowance", None), ("contests", "enrollment"), ("enrollment__isnull", False)),
                        models.Q(("allowance__isnull", False), ("contests", "month"), ("enrollment", None)),
                        models.Q(("allowance", None), ("contests", "score"), ("determination_id", None), ("enrollment", None), ("program", "")),
                        _connector="OR",
                    ),
                    name="appeal_names_what_it_contests",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("decided_by", None), ("decided_on", None), ("status__in", ["filed", "in_examination", "withdrawn"])),
                        models.Q(("decided_by__isnull", False), ("decided_on__isnull", False), ("status__in", ("upheld", "partly_upheld", "dismissed")), models.Q(("answer", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="appeal_decided_whole",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("decided_by", None),
                        models.Q(
                            models.Q(("decided_by", models.F("filed_by")), _negated=True),
                            models.Q(("contested_by", None), models.Q(("decided_by", models.F("contested_by")), _negated=True), _connector="OR"),
                        ),
                        _connector="OR",
                    ),
                    name="appeal_decided_by_another",
                    violation_error_message="Qui a pris la décision contestée, ou reçu le recours, ne peut pas en juger.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("last_day", None),
                        ("filed_on__lte", models.F("last_day")),
                        ("status__in", ["filed", "dismissed", "withdrawn"]),
                        models.Q(("admitted_by__isnull", False), models.Q(("admitted_because", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="appeal_late_is_admitted",
                    violation_error_message="Un recours hors délai ne s’examine que si un superviseur l’admet, avec le motif.",
                ),
                models.CheckConstraint(condition=models.Q(("ground", "rule"), ("provision", ""), _connector="OR"), name="appeal_rule_or_answer"),
                models.CheckConstraint(condition=models.Q(("due_on__gte", models.F("filed_on"))), name="appeal_answered_after_it_is_filed"),
            ],
        },
    ),
    migrations.CreateModel(
        name="AppealMove",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("appeal", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="moves", to="enrollment.appeal")),
            (
                "before",
                models.CharField(
                    blank=True,
                    choices=[("filed", "déposé"), ("in_examination", "en examen"), ("upheld", "accueilli"), ("partly_upheld", "accueilli en partie"), ("dismissed", "rejeté"), ("withdrawn", "retiré")],
                    max_length=14,
                ),
            ),
            (
                "after",
                models.CharField(
                    choices=[("filed", "déposé"), ("in_examination", "en examen"), ("upheld", "accueilli"), ("partly_upheld", "accueilli en partie"), ("dismissed", "rejeté"), ("withdrawn", "retiré")],
                    max_length=14,
                ),
            ),
            ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField(auto_now_add=True)),
            ("reason", models.TextField(blank=True)),
        ],
        options={
            "verbose_name": "étape d’un recours",
            "verbose_name_plural": "étapes d’un recours",
            "ordering": ["appeal", "id"],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="appealmove",
        trigger=pgtrigger.compiler.Trigger(
            name="appeal_move_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="5d163ff75e3e7546f8d134eb75ac1f9a734a7f21",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_appeal_move_keeps_rows_aeb2a",
                table="enrollment_appealmove",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="appealmove",
        trigger=pgtrigger.compiler.Trigger(
            name="appeal_move_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'appeal_move is append-only: it cannot be truncated';",
                hash="e16a9df4cee97a9d5a24bdd215dcf983e512d444",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_appeal_move_keeps_all_1a8c6",
                table="enrollment_appealmove",
                when="BEFORE",
            ),
        ),
    ),
    migrations.CreateModel(
        name="AppealNote",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("appeal", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="enrollment.appeal")),
            ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField(auto_now_add=True)),
            ("text", models.TextField()),
        ],
        options={
            "verbose_name": "remarque",
            "verbose_name_plural": "remarques",
            "ordering": ["appeal", "id"],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="appealnote",
        trigger=pgtrigger.compiler.Trigger(
            name="appeal_note_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="4d98e162c362f632fb21aba8dc70683bce78e72d",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_appeal_note_keeps_rows_79abf",
                table="enrollment_appealnote",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="appealnote",
        trigger=pgtrigger.compiler.Trigger(
            name="appeal_note_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'appeal_note is append-only: it cannot be truncated';",
                hash="5902b744508687f74e700b96404b4a3c6e9e75c4",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_appeal_note_keeps_all_20f08",
                table="enrollment_appealnote",
                when="BEFORE",
            ),
        ),
    ),
    migrations.CreateModel(
        name="Escalation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "clock",
                models.CharField(
                    choices=[
                        ("application", "décision sur une demande"),
                        ("appeal", "réponse à un recours"),
                        ("request", "réponse à une demande"),
                        ("conflict", "réponse à une contradiction"),
                        ("loss", "perte à vérifier"),
                    ],
                    max_length=11,
                ),
            ),
            ("subject_id", models.BigIntegerField(help_text="of the row the clock belongs to")),
            ("level", models.CharField(choices=[("supervisor", "superviseur"), ("administrator", "administrateur")], max_length=13)),
            ("household", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="escalations", to="households.household")),
            ("commune", models.ForeignKey(help_text="where the household lived that day", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rsu.commune")),
            ("due_on", models.DateField()),
            ("raised_on", models.DateField()),
            ("raised_at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "verbose_name": "alerte de délai",
            "verbose_name_plural": "alertes de délai",
            "ordering": ["-id"],
            "constraints": [
                models.UniqueConstraint(fields=("clock", "subject_id", "level"), name="escalated_once"),
            ],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="escalation",
        trigger=pgtrigger.compiler.Trigger(
            name="escalation_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="6715ce6e436ee48cc534ce52280f0f4f9af6047f",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_escalation_keeps_rows_f26e9",
                table="enrollment_escalation",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="escalation",
        trigger=pgtrigger.compiler.Trigger(
            name="escalation_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'escalation is append-only: it cannot be truncated';",
                hash="0460c7092bd608e33ca93a1aca631e20bc8135b1",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_escalation_keeps_all_e629c",
                table="enrollment_escalation",
                when="BEFORE",
            ),
        ),
    ),
]
