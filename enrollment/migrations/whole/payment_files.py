"""The files sent to the paying agency, and what it answers to each payment."""

import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="PaymentFile",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="files", to="enrollment.paymentorder")),
            ("kind", models.CharField(choices=[("pain001", "ISO 20022 pain.001"), ("csv", "CSV")], max_length=7)),
            ("position", models.IntegerField(help_text="among the files of its kind, from 1")),
            ("name", models.CharField(max_length=60)),
            ("sha256", models.CharField(max_length=64)),
            ("size", models.BigIntegerField(help_text="bytes")),
            ("payments", models.IntegerField()),
            ("amount", models.BigIntegerField(help_text="centimes")),
            ("written_at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "verbose_name": "fichier de versement",
            "verbose_name_plural": "fichiers de versement",
            "ordering": ["order", "-kind", "position"],
            "constraints": [
                models.UniqueConstraint(fields=("order", "kind", "position"), name="payment_file_once"),
                models.CheckConstraint(condition=models.Q(("amount__gt", 0), ("payments__gt", 0), ("position__gt", 0)), name="payment_file_counts"),
            ],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="paymentfile",
        trigger=pgtrigger.compiler.Trigger(
            name="payment_file_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="07b8e1b91960b342477495b489ae18046b2f2a9e",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_payment_file_keeps_rows_bf8d8",
                table="enrollment_paymentfile",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="paymentfile",
        trigger=pgtrigger.compiler.Trigger(
            name="payment_file_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'payment_file is append-only: it cannot be truncated';",
                hash="2ce5c9ad113c7943b4eef205440844ebe185eb41",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_payment_file_keeps_all_a230f",
                table="enrollment_paymentfile",
                when="BEFORE",
            ),
        ),
    ),
    migrations.CreateModel(
        name="PaymentReturn",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="returns", to="enrollment.paymentorder")),
            ("kind", models.CharField(choices=[("pain002", "ISO 20022 pain.002"), ("csv", "CSV")], max_length=7)),
            ("name", models.CharField(max_length=200)),
            ("sha256", models.CharField(max_length=64)),
            ("size", models.BigIntegerField(help_text="bytes")),
            ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("received_on", models.DateField()),
            ("received_at", models.DateTimeField(auto_now_add=True)),
            ("lines", models.IntegerField(default=0)),
            ("paid", models.IntegerField(default=0)),
            ("rejected", models.IntegerField(default=0)),
            ("pending", models.IntegerField(default=0)),
            ("already", models.IntegerField(default=0)),
            ("differences", models.IntegerField(default=0)),
        ],
        options={
            "verbose_name": "retour de l’organisme payeur",
            "verbose_name_plural": "retours de l’organisme payeur",
            "ordering": ["-id"],
            "constraints": [
                models.UniqueConstraint(fields=("order", "sha256"), name="payment_return_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "lines",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(models.F("paid"), "+", models.F("rejected")), "+", models.F("pending")
                                    ),
                                    "+",
                                    models.F("already"),
                                ),
                                "+",
                                models.F("differences"),
                            ),
                        )
                    ),
                    name="payment_return_counts_every_line",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="PaymentAnswer",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("returned", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="enrollment.paymentreturn")),
            ("number", models.IntegerField(help_text="of the line in the file, from 1")),
            ("end_to_end_id", models.CharField(blank=True, help_text="as it was answered", max_length=70)),
            ("code", models.CharField(blank=True, help_text="the agency's status, as it was answered", max_length=20)),
            ("reason_code", models.CharField(blank=True, max_length=20)),
            ("amount", models.BigIntegerField(help_text="centimes; NULL when the answer does not say", null=True)),
            ("paid_on", models.DateField(null=True)),
            ("problem", models.CharField(blank=True, help_text="what could not be read", max_length=12)),
            ("payment", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="enrollment.payment")),
            (
                "outcome",
                models.CharField(
                    choices=[
                        ("paid", "payé"),
                        ("rejected", "rejeté"),
                        ("pending", "en cours chez l’organisme"),
                        ("already", "déjà ainsi"),
                        ("unreadable", "ligne illisible"),
                        ("whole_file", "réponse pour tout un fichier"),
                        ("unknown", "identifiant inconnu de cet ordre"),
                        ("amount", "autre montant"),
                        ("twice", "deux réponses qui se contredisent"),
                        ("contradiction", "contredit une réponse d’avant"),
                    ],
                    max_length=13,
                ),
            ),
            ("settled", models.CharField(blank=True, choices=[("kept", "registre maintenu"), ("followed", "réponse de l’organisme suivie")], max_length=8)),
            ("settled_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("settled_at", models.DateTimeField(null=True)),
            ("settled_reason", models.TextField(blank=True)),
        ],
        options={
            "verbose_name": "réponse de l’organisme payeur",
            "verbose_name_plural": "réponses de l’organisme payeur",
            "ordering": ["returned", "number"],
            "indexes": [
                models.Index(
                    condition=models.Q(("outcome__in", ["unreadable", "whole_file", "unknown", "amount", "twice", "contradiction"]), ("settled", "")), fields=["id"], name="payment_difference_open"
                ),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("returned", "number"), name="payment_answer_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("settled", ""), ("settled_at", None), ("settled_by", None), ("settled_reason", "")),
                        models.Q(models.Q(("settled", ""), _negated=True), models.Q(("settled_reason", ""), _negated=True), ("settled_at__isnull", False), ("settled_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="payment_answer_settled_whole",
                ),
            ],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="paymentanswer",
        trigger=pgtrigger.compiler.Trigger(
            name="payment_answer_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                hash="e346e052df1675e4a56696d73a002f5c9f801a94",
                operation="DELETE",
                pgid="pgtrigger_payment_answer_keeps_rows_381d9",
                table="enrollment_paymentanswer",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="paymentanswer",
        trigger=pgtrigger.compiler.Trigger(
            name="payment_answer_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'payment_answer is kept: it cannot be truncated';",
                hash="8813d223bd05ebaabe3359a03d3a7c0d6dde178c",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_payment_answer_keeps_all_5f40b",
                table="enrollment_paymentanswer",
                when="BEFORE",
            ),
        ),
    ),
]
