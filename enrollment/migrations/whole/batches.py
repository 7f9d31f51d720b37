"""Decisions taken together, their chunks, refusals and holds."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="DecisionBatch",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "deed",
                models.CharField(
                    choices=[
                        ("accept", "accepter les droits proposés"),
                        ("end", "mettre fin aux droits à revoir"),
                        ("keep", "maintenir les droits à revoir"),
                        ("suspend", "suspendre les droits à revoir"),
                        ("hold", "laisser attendre jusqu’à une date"),
                        ("request", "demander des pièces aux familles"),
                        ("visit", "demander une visite"),
                    ],
                    max_length=7,
                ),
            ),
            ("program", models.CharField(choices=[("amo_tadamon", "AMO-TADAMON"), ("amo_achamil", "AMO ACHAMIL"), ("direct_aid", "aide sociale directe")], max_length=11)),
            ("filter", models.JSONField(help_text="as it was chosen: enrollment.selection")),
            ("reason", models.TextField(help_text="the families may read it")),
            ("look_again_on", models.DateField(null=True)),
            ("communes", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), help_text="where the households of the list lived that day", size=None)),
            (
                "status",
                models.CharField(choices=[("proposed", "à signer"), ("running", "en cours"), ("closed", "close"), ("failed", "en échec"), ("rejected", "rejetée")], default="proposed", max_length=8),
            ),
            ("planned", models.IntegerField(help_text="enrollments of the list")),
            ("people", models.IntegerField(help_text="persons covered, or members of the households aided")),
            ("households", models.IntegerField()),
            ("monthly", models.BigIntegerField(help_text="centimes a month that the decision gives (or takes away, negative), as of the day it was proposed")),
            ("on", models.DateField(help_text="the day it was proposed")),
            ("proposed_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("proposed_at", models.DateTimeField(auto_now_add=True)),
            ("needs_second", models.BooleanField(help_text="as provision batch.second_from said that day")),
            ("decided_by", models.ForeignKey(help_text="who signed or rejected it", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("decided_at", models.DateTimeField(null=True)),
            ("answer", models.TextField(blank=True, help_text="why it was rejected, or what the signer adds")),
            ("finished_at", models.DateTimeField(null=True)),
        ],
        options={
            "verbose_name": "décision en lot",
            "verbose_name_plural": "décisions en lot",
            "ordering": ["-id"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("needs_second", False), ("status__in", ["proposed", "rejected"]), models.Q(("decided_by", models.F("proposed_by")), _negated=True), _connector="OR"),
                    name="batch_signed_by_another",
                    violation_error_message="Une autre personne que celle qui propose doit signer cette décision.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("decided_at", None), ("decided_by", None), ("status", "proposed")),
                        models.Q(models.Q(("status", "proposed"), _negated=True), ("decided_at__isnull", False), ("decided_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="batch_decided_whole",
                ),
                models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="batch_says_why"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("deed__in", ["suspend", "hold", "request", "visit"]), ("look_again_on__gt", models.F("on"))),
                        models.Q(("deed__in", ["accept", "end", "keep"]), ("look_again_on", None)),
                        _connector="OR",
                    ),
                    name="batch_looked_at_again",
                ),
                models.CheckConstraint(condition=models.Q(("planned__gt", 0)), name="batch_of_somebody"),
            ],
        },
    ),
    migrations.CreateModel(
        name="DecisionChunk",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("batch", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="chunks", to="enrollment.decisionbatch")),
            ("position", models.IntegerField()),
            ("households", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
            ("enrollments", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
            ("status", models.CharField(choices=[("waiting", "en attente"), ("claimed", "pris"), ("done", "fait"), ("failed", "en échec")], default="waiting", max_length=8)),
            ("attempts", models.SmallIntegerField(default=0)),
            ("worker", models.CharField(blank=True, max_length=120)),
            ("claimed_at", models.DateTimeField(null=True)),
            ("done_at", models.DateTimeField(null=True)),
            ("size", models.IntegerField()),
            ("applied", models.IntegerField(default=0)),
            ("already", models.IntegerField(default=0)),
            ("refused", models.IntegerField(default=0)),
            ("error", models.TextField(blank=True)),
        ],
        options={
            "verbose_name": "part d’une décision en lot",
            "verbose_name_plural": "parts d’une décision en lot",
            "ordering": ["batch", "position"],
            "indexes": [
                models.Index(condition=models.Q(("status", "done"), _negated=True), fields=["status", "claimed_at"], name="decision_chunk_to_do"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("batch", "position"), name="decision_chunk_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("status", "done"), _negated=True),
                        (
                            "size",
                            django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F("applied"), "+", models.F("already")), "+", models.F("refused")),
                        ),
                        _connector="OR",
                    ),
                    name="decision_chunk_counts_every_row",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="BatchRefusal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("batch", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="refusals", to="enrollment.decisionbatch")),
            ("enrollment", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="enrollment.enrollment")),
            (
                "why",
                models.CharField(
                    choices=[
                        ("changed", "décidée autrement depuis"),
                        ("not_entitled", "l’indice ne donne plus ce droit"),
                        ("entitled", "l’indice donne de nouveau ce droit"),
                        ("outgrown", "la famille a changé depuis la proposition"),
                        ("no_insured", "l’assuré de l’unité n’est pas couvert"),
                        ("left_behind", "des ayants droit perdraient leur assuré"),
                        ("covered", "déjà couverte ailleurs"),
                        ("aided", "le ménage reçoit déjà l’aide"),
                        ("other_allowances", "allocations familiales d’un autre régime"),
                        ("nationality", "la personne qui recevrait l’aide n’est pas marocaine"),
                        ("not_in_force", "les montants de ce mois ne sont pas en vigueur"),
                        ("grace", "le droit perdu court encore"),
                        ("appeal", "un recours ouvert suspend la perte"),
                        ("away", "le ménage a quitté le territoire de qui signe"),
                    ],
                    max_length=16,
                ),
            ),
        ],
        options={
            "verbose_name": "refus d’une décision en lot",
            "verbose_name_plural": "refus d’une décision en lot",
            "ordering": ["batch", "enrollment"],
            "constraints": [
                models.UniqueConstraint(fields=("batch", "enrollment"), name="batch_refusal_once"),
            ],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="batchrefusal",
        trigger=pgtrigger.compiler.Trigger(
            name="batch_refusal_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="20b2371f6a81380b78f3a2e9ba00452174a72005",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_batch_refusal_keeps_rows_7dbca",
                table="enrollment_batchrefusal",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="batchrefusal",
        trigger=pgtrigger.compiler.Trigger(
            name="batch_refusal_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'batch_refusal is append-only: it cannot be truncated';",
                hash="76859834841e1851a4a3e6a18268c2e4c4ababcf",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_batch_refusal_keeps_all_c9a34",
                table="enrollment_batchrefusal",
                when="BEFORE",
            ),
        ),
    ),
    migrations.CreateModel(
        name="Hold",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("enrollment", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="enrollment.enrollment")),
            ("kind", models.CharField(choices=[("wait", "attendre la date"), ("request", "pièces demandées à la famille"), ("visit", "visite demandée")], max_length=7)),
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
                    max_length=9,
                ),
            ),
            ("since", models.DateField()),
            ("look_again_on", models.DateField()),
            ("reason", models.TextField()),
            ("batch", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="enrollment.decisionbatch")),
            ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField(auto_now_add=True)),
            ("settled_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("settled_at", models.DateTimeField(null=True)),
            ("outcome", models.TextField(blank=True, help_text="what was found; empty when the enrollment was decided or held anew")),
        ],
        options={
            "verbose_name": "attente",
            "verbose_name_plural": "attentes",
            "ordering": ["look_again_on", "id"],
            "indexes": [
                models.Index(condition=models.Q(("settled_at", None)), fields=["look_again_on", "id"], name="hold_open"),
            ],
            "constraints": [
                models.UniqueConstraint(condition=models.Q(("settled_at", None)), fields=("enrollment",), name="held_once", violation_error_message="Cette inscription attend déjà."),
                models.CheckConstraint(condition=models.Q(("look_again_on__gt", models.F("since"))), name="hold_forward"),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("settled_at", None), ("settled_by", None)), models.Q(("settled_at__isnull", False), ("settled_by__isnull", False)), _connector="OR"),
                    name="hold_settled_whole",
                ),
            ],
        },
    ),
]
