"""Files received, their chunks and the rows refused."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="Import",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("households", "ménages à enregistrer"),
                        ("cover", "couvertures vérifiées par un partenaire"),
                        ("allowances", "allocations familiales d’autres régimes"),
                        ("schooling", "inscriptions scolaires"),
                        ("disability", "attestations de handicap"),
                        ("births", "naissances"),
                        ("deaths", "décès"),
                        ("marriages", "mariages et divorces"),
                    ],
                    max_length=10,
                ),
            ),
            ("agency", models.ForeignKey(blank=True, help_text="whose answers a partner's file gives", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rsu.agency")),
            ("as_of", models.DateField(help_text="the day a delivery's data were true; NULL when each row says its own", null=True)),
            ("number", models.IntegerField(help_text="of a delivery, among those of its agency and kind, from 1", null=True)),
            ("token", models.UUIDField(help_text="the sender's own mark: sent twice, it is one delivery", null=True)),
            ("name", models.CharField(max_length=200)),
            ("digest", models.CharField(help_text="SHA-256 of the bytes", max_length=64)),
            ("size", models.IntegerField(help_text="bytes")),
            ("encoding", models.CharField(blank=True, help_text="of a CSV; empty for a workbook", max_length=12)),
            ("separator", models.CharField(blank=True, max_length=1)),
            ("status", models.CharField(choices=[("planned", "reçu"), ("running", "en cours"), ("closed", "terminé"), ("failed", "en échec")], default="planned", max_length=8)),
            ("rows", models.IntegerField(help_text="rows read; NULL until the file has been read", null=True)),
            ("reason", models.TextField(blank=True, help_text="why it failed, in a sentence")),
            ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("received_at", models.DateTimeField(auto_now_add=True)),
            ("started_at", models.DateTimeField(null=True)),
            ("finished_at", models.DateTimeField(null=True)),
            ("forgotten_at", models.DateTimeField(help_text="when the bytes and the refused rows were removed", null=True)),
        ],
        options={
            "verbose_name": "import",
            "verbose_name_plural": "imports",
            "ordering": ["-id"],
            "indexes": [
                models.Index(fields=["by", "-id"], name="import_by_sender"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("by", "kind", "digest", "agency", "as_of"), name="import_file_once_by_sender", nulls_distinct=False),
                models.UniqueConstraint(fields=("agency", "kind", "number"), name="import_number_once"),
                models.UniqueConstraint(fields=("by", "token"), name="import_token_once"),
                models.CheckConstraint(condition=models.Q(models.Q(("status", "closed"), _negated=True), ("rows__isnull", False), _connector="OR"), name="import_closed_was_read"),
                models.CheckConstraint(condition=models.Q(models.Q(("kind", "households"), _negated=True), ("agency", None), _connector="XOR"), name="import_of_a_partner_names_it"),
            ],
        },
    ),
    migrations.CreateModel(
        name="ImportChunk",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("importing", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="chunks", to="households.import")),
            ("position", models.IntegerField()),
            ("first", models.IntegerField(null=True)),
            ("last", models.IntegerField(null=True)),
            ("size", models.IntegerField(default=0, help_text="rows")),
            ("status", models.CharField(choices=[("waiting", "en attente"), ("claimed", "pris"), ("done", "fait"), ("failed", "en échec")], default="waiting", max_length=8)),
            ("attempts", models.SmallIntegerField(default=0)),
            ("worker", models.CharField(blank=True, max_length=120)),
            ("claimed_at", models.DateTimeField(null=True)),
            ("done_at", models.DateTimeField(null=True)),
            ("applied", models.IntegerField(default=0)),
            ("already", models.IntegerField(default=0)),
            ("refused", models.IntegerField(default=0)),
            ("contradicted", models.IntegerField(default=0)),
            ("unknown", models.IntegerField(default=0)),
            ("households", models.IntegerField(default=0, help_text="registered by this lot")),
            ("error", models.TextField(blank=True)),
        ],
        options={
            "verbose_name": "lot d’un import",
            "verbose_name_plural": "lots d’un import",
            "ordering": ["importing", "position"],
            "indexes": [
                models.Index(condition=models.Q(("status", "done"), _negated=True), fields=["status", "claimed_at"], name="import_chunk_to_do"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("importing", "position"), name="import_chunk_position_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("first", None), ("last", None), ("position", 0)), models.Q(("first__isnull", False), ("last__gte", models.F("first")), ("position__gt", 0)), _connector="OR"
                    ),
                    name="import_chunk_is_a_range",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("status", "done"), _negated=True),
                        (
                            "size",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(models.F("applied"), "+", models.F("already")), "+", models.F("refused")
                                    ),
                                    "+",
                                    models.F("contradicted"),
                                ),
                                "+",
                                models.F("unknown"),
                            ),
                        ),
                        _connector="OR",
                    ),
                    name="import_chunk_counts_every_row",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ImportRow",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("importing", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="read_rows", to="households.import")),
            ("number", models.IntegerField(help_text="in the file, the headings being row 1")),
            ("family", models.IntegerField(help_text="which household of the file, from 1")),
            ("cells", models.JSONField(default=dict)),
            ("problems", models.JSONField(null=True)),
        ],
        options={
            "verbose_name": "ligne d’un import",
            "verbose_name_plural": "lignes d’un import",
            "ordering": ["importing", "number"],
            "indexes": [
                models.Index(fields=["importing", "family"], name="import_row_family"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("importing", "number"), name="import_row_once"),
            ],
        },
    ),
]
