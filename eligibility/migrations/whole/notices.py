"""Papers given to families, each kept with what it says."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="Notice",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("reference", models.CharField(help_text="eligibility.references", max_length=12, unique=True)),
            ("kind", models.CharField(choices=[("decision", "notification de décision"), ("receipt", "reçu de demande")], max_length=8)),
            ("household", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="households.household")),
            ("request", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="receipts", to="households.request")),
            ("on", models.DateField(help_text="the day of the notice")),
            ("counts_from", models.DateField(help_text="the day the same decision was first told: time limits run from it")),
            ("content", models.JSONField(help_text="`told` is what it tells, `issued` what depends on the day and the reference, `words` the labels")),
            ("digest", models.CharField(help_text="SHA-256 of `told`; its beginning is printed on the paper", max_length=64)),
            ("determinations", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
            ("renderer", models.CharField(max_length=40)),
            ("pdf", models.BinaryField()),
            ("pdf_digest", models.CharField(help_text="SHA-256 of the paper", max_length=64)),
            ("replaces", models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="replaced_by", to="eligibility.notice")),
            ("issued_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("issued_at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "verbose_name": "notification",
            "verbose_name_plural": "notifications",
            "ordering": ["-id"],
            "indexes": [
                models.Index(fields=["household", "-id"], name="notice_by_household"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("replaces", None)),
                    fields=("kind", "household", "request"),
                    name="notice_one_first",
                    nulls_distinct=False,
                    violation_error_message="Une notification sur le même sujet existe déjà.",
                ),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("household__isnull", False), ("kind", "decision"), ("request", None)), models.Q(("kind", "receipt"), ("request__isnull", False)), _connector="OR"),
                    name="notice_has_its_subject",
                ),
                models.CheckConstraint(condition=models.Q(("reference__regex", "^[0-9A-HJKMNP-TV-Z]{12}$")), name="notice_reference_letters"),
                models.CheckConstraint(condition=models.Q(("digest__regex", "^[0-9a-f]{64}$"), ("pdf_digest__regex", "^[0-9a-f]{64}$")), name="notice_digests_whole"),
                models.CheckConstraint(condition=models.Q(("counts_from__lte", models.F("on"))), name="notice_limits_run_from_the_past"),
                models.CheckConstraint(condition=models.Q(("replaces", None), models.Q(("replaces", models.F("id")), _negated=True), _connector="OR"), name="notice_replaces_another"),
            ],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="notice",
        trigger=pgtrigger.compiler.Trigger(
            name="notice_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="5fbcfccfbc9f2a97c7e2acea3534b52822c0a453",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_notice_keeps_rows_5949f",
                table="eligibility_notice",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="notice",
        trigger=pgtrigger.compiler.Trigger(
            name="notice_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'notice is append-only: it cannot be truncated';",
                hash="674d6cbbfff31c40414be81fddeb45a227a8b595",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_notice_keeps_all_e1e39",
                table="eligibility_notice",
                when="BEFORE",
            ),
        ),
    ),
]
