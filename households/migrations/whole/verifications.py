"""Answers a partner verified, and those it contradicts."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="Verification",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("idcs", models.CharField(blank=True, max_length=10)),
            ("household", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="verifications", to="households.household")),
            ("field", models.CharField(max_length=40)),
            ("value", models.JSONField(help_text="as the registry keeps the answer", null=True)),
            ("details", models.JSONField(default=dict, help_text="what else the partner said: since, until")),
            ("agency", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rsu.agency")),
            ("importing", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="verifications", to="households.import")),
            ("as_of", models.DateField()),
            ("received_at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "verbose_name": "réponse vérifiée",
            "verbose_name_plural": "réponses vérifiées",
            "ordering": ["-as_of", "-id"],
            "indexes": [
                models.Index(condition=models.Q(("idcs", ""), _negated=True), fields=["idcs", "field", "-as_of", "-id"], name="verification_of_person"),
                models.Index(condition=models.Q(("household__isnull", False)), fields=["household", "field", "-as_of"], name="verification_of_household"),
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("idcs", ""), ("household", None), _connector="XOR"), name="verification_of_one_subject"),
                models.UniqueConstraint(condition=models.Q(("idcs", ""), _negated=True), fields=("importing", "idcs", "field"), name="verification_once_a_file"),
            ],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="verification",
        trigger=pgtrigger.compiler.Trigger(
            name="verification_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="4bb78e1996df4fce3cb33c786388d0c5523e1c8b",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_verification_keeps_rows_ccc45",
                table="households_verification",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="verification",
        trigger=pgtrigger.compiler.Trigger(
            name="verification_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'verification is append-only: it cannot be truncated';",
                hash="4aac608af4d292e60833d02390ee8dd6485f4091",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_verification_keeps_all_81e7a",
                table="households_verification",
                when="BEFORE",
            ),
        ),
    ),
    migrations.CreateModel(
        name="AnswerConflict",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("member", models.ForeignKey(help_text="NULL once the person has left", null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="conflicts", to="households.member")),
            ("idcs", models.CharField(max_length=10)),
            ("field", models.CharField(max_length=40)),
            ("declared", models.JSONField()),
            ("verified", models.JSONField()),
            ("agency", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rsu.agency")),
            ("importing", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="conflicts", to="households.import")),
            ("as_of", models.DateField()),
            ("status", models.CharField(choices=[("open", "à régler"), ("kept", "réponse gardée"), ("taken", "valeur vérifiée prise")], default="open", max_length=5)),
            ("opened_on", models.DateField()),
            ("due_on", models.DateField(help_text="last day left to the family for an answer")),
            ("told_on", models.DateField(help_text="when the family was told", null=True)),
            ("escalated_on", models.DateField(help_text="when the days ran out with nobody's decision, and the supervisors were called", null=True)),
            ("request", models.ForeignKey(help_text="the update that takes the value", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="households.request")),
            ("settled_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("settled_at", models.DateTimeField(null=True)),
            ("reason", models.TextField(blank=True)),
        ],
        options={
            "verbose_name": "contradiction",
            "verbose_name_plural": "contradictions",
            "ordering": ["due_on", "id"],
            "indexes": [
                models.Index(condition=models.Q(("status", "open")), fields=["due_on", "id"], name="conflict_open"),
                models.Index(fields=["idcs", "field"], name="conflict_of_person"),
            ],
            "constraints": [
                models.UniqueConstraint(condition=models.Q(("status", "open")), fields=("idcs", "field"), name="conflict_open_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("settled_at", None), ("settled_by", None), ("status", "open")), models.Q(("settled_at__isnull", False), ("settled_by__isnull", False)), _connector="OR"
                    ),
                    name="conflict_settled_by_a_person",
                ),
                models.CheckConstraint(condition=models.Q(models.Q(("status", "kept"), _negated=True), models.Q(("reason", ""), _negated=True), _connector="OR"), name="conflict_kept_says_why"),
                models.CheckConstraint(condition=models.Q(("due_on__gte", models.F("opened_on"))), name="conflict_due_after_it_opens"),
            ],
        },
    ),
]
