"""Dated values of the law, and the proposals that change them."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="Proposal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.CharField(max_length=60)),
            ("since", models.DateField()),
            ("value", models.JSONField()),
            ("source", models.CharField(max_length=200)),
            ("gazette", models.CharField(blank=True, max_length=250)),
            ("url", models.URLField(blank=True)),
            ("reason", models.TextField()),
            ("status", models.CharField(choices=[("open", "à approuver"), ("approved", "approuvée"), ("rejected", "rejetée")], default="open", max_length=8)),
            ("proposed_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("proposed_at", models.DateTimeField(auto_now_add=True)),
            ("decided_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("decided_at", models.DateTimeField(null=True)),
            ("without_report", models.TextField(blank=True, help_text="why it was approved without a fresh rehearsal")),
        ],
        options={
            "verbose_name": "proposition",
            "verbose_name_plural": "propositions",
            "ordering": ["-id"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("decided_by__isnull", True), models.Q(("decided_by", models.F("proposed_by")), _negated=True), _connector="OR"),
                    name="proposal_decided_by_another",
                    violation_error_message="Une proposition est approuvée par une autre personne que celle qui l’a faite.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("decided_at", None), ("decided_by", None), ("status", "open")),
                        models.Q(models.Q(("status", "open"), _negated=True), ("decided_at__isnull", False), ("decided_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="proposal_decision_is_complete",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Provision",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.CharField(max_length=60)),
            ("since", models.DateField()),
            ("value", models.JSONField(help_text="NULL repeals", null=True)),
            ("source", models.CharField(max_length=200)),
            ("gazette", models.CharField(blank=True, max_length=250)),
            ("url", models.URLField(blank=True)),
            ("note", models.TextField(blank=True)),
            ("confidence", models.CharField(choices=[("H", "H"), ("M", "M"), ("L", "L")], default="L", max_length=1)),
            ("proposal", models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="provision", to="eligibility.proposal")),
            ("recorded_at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "verbose_name": "disposition",
            "verbose_name_plural": "dispositions",
            "ordering": ["key", "since", "id"],
            "indexes": [
                models.Index(fields=["key", "since", "id"], name="provision_in_force"),
            ],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="provision",
        trigger=pgtrigger.compiler.Trigger(
            name="provision_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="b7f632e2b34b478e52af346e5bbab1590aa7cf30",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_provision_keeps_rows_a2c8e",
                table="eligibility_provision",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="provision",
        trigger=pgtrigger.compiler.Trigger(
            name="provision_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'provision is append-only: it cannot be truncated';",
                hash="5d41da3360abde410b37a8b8ce56367759a3f781",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_provision_keeps_all_3f1a8",
                table="eligibility_provision",
                when="BEFORE",
            ),
        ),
    ),
]
