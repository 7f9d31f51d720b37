"""Runs over every household, their chunks, and what they found."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="Run",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("threshold", "nouveau seuil"),
                        ("formula", "nouvelle formule"),
                        ("rehearsal", "répétition d’une formule"),
                        ("reading", "nouvelle lecture des réponses"),
                        ("amounts", "nouveaux montants"),
                        ("time", "passage du temps"),
                        ("load", "chargement"),
                    ],
                    max_length=9,
                ),
            ),
            (
                "status",
                models.CharField(
                    choices=[("planned", "prévue"), ("running", "en cours"), ("paused", "suspendue"), ("closed", "close"), ("failed", "en échec"), ("canceled", "annulée")],
                    default="planned",
                    max_length=8,
                ),
            ),
            ("on", models.DateField(help_text="the day the rights are read on")),
            ("program", models.CharField(blank=True, choices=[("amo_tadamon", "AMO-TADAMON"), ("direct_aid", "aide sociale directe")], max_length=11)),
            ("provision", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="eligibility.provision")),
            ("proposal", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="rehearsals", to="eligibility.proposal")),
            ("formula_id", models.BigIntegerField(help_text="rehearsal: the partition it fills", null=True)),
            ("digest", models.CharField(blank=True, help_text="rehearsal: the law it was made under", max_length=64)),
            ("reason", models.TextField(blank=True, help_text="why it was paused or canceled")),
            ("planned", models.BigIntegerField(default=0)),
            ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            ("started_at", models.DateTimeField(null=True)),
            ("finished_at", models.DateTimeField(null=True)),
        ],
        options={
            "verbose_name": "exécution",
            "verbose_name_plural": "exécutions",
            "ordering": ["-id"],
            "constraints": [
                models.UniqueConstraint(condition=models.Q(("provision__isnull", False)), fields=("kind", "provision"), name="run_once_for_a_provision"),
                models.UniqueConstraint(condition=models.Q(("proposal__isnull", False), ("status__in", ["planned", "running", "paused"])), fields=("proposal",), name="rehearsal_one_at_a_time"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("formula_id__isnull", False), ("kind", "rehearsal"), ("proposal__isnull", False)),
                        models.Q(models.Q(("kind", "rehearsal"), _negated=True), ("formula_id", None), ("proposal", None)),
                        _connector="OR",
                    ),
                    name="rehearsal_of_a_proposal",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="RunChunk",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("run", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="chunks", to="eligibility.run")),
            ("position", models.IntegerField()),
            ("households", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), null=True, size=None)),
            ("first", models.BigIntegerField(null=True)),
            ("last", models.BigIntegerField(null=True)),
            ("size", models.IntegerField(default=0)),
            ("status", models.CharField(choices=[("waiting", "en attente"), ("claimed", "pris"), ("done", "fait"), ("failed", "en échec"), ("canceled", "annulé")], default="waiting", max_length=8)),
            ("attempts", models.SmallIntegerField(default=0)),
            ("worker", models.CharField(blank=True, max_length=120)),
            ("claimed_at", models.DateTimeField(null=True)),
            ("done_at", models.DateTimeField(null=True)),
            ("applied", models.IntegerField(default=0)),
            ("already", models.IntegerField(default=0)),
            ("refused", models.IntegerField(default=0)),
            ("error", models.TextField(blank=True)),
        ],
        options={
            "verbose_name": "lot",
            "verbose_name_plural": "lots",
            "ordering": ["run", "position"],
            "indexes": [
                models.Index(condition=models.Q(("status", "done"), _negated=True), fields=["status", "claimed_at"], name="chunk_to_do"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("run", "position"), name="chunk_position_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("first", None), ("households__isnull", False), ("last", None)),
                        models.Q(("first__isnull", False), ("households", None), ("last__gte", models.F("first"))),
                        _connector="OR",
                    ),
                    name="chunk_is_a_list_or_a_range",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Refusal",
        fields=[
            (
                "household",
                models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name="refusal", serialize=False, to="households.household"),
            ),
            ("missing", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), size=None)),
            ("on", models.DateField()),
            ("run", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="refusals", to="eligibility.run")),
            ("refused_at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "verbose_name": "calcul impossible",
            "verbose_name_plural": "calculs impossibles",
            "ordering": ["household"],
        },
    ),
    migrations.CreateModel(
        name="Transition",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("run", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="transitions", to="eligibility.run")),
            ("program", models.CharField(choices=[("amo_tadamon", "AMO-TADAMON"), ("direct_aid", "aide sociale directe")], max_length=11)),
            ("region", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rsu.region")),
            ("milieu", models.CharField(choices=[("urban", "urbain"), ("rural", "rural")], max_length=5)),
            ("size", models.SmallIntegerField(help_text="members, the last class being that many or more")),
            ("head_sex", models.CharField(blank=True, max_length=6)),
            ("before", models.BooleanField()),
            ("after", models.BooleanField()),
            ("households", models.BigIntegerField()),
            ("people", models.BigIntegerField()),
            ("centimes", models.BigIntegerField(help_text="a month")),
        ],
        options={
            "verbose_name": "passage",
            "verbose_name_plural": "passages",
            "indexes": [
                models.Index(fields=["run", "program"], name="transition_of_run"),
            ],
        },
    ),
    migrations.CreateModel(
        name="LosingFamily",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("run", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="losing_families", to="eligibility.run")),
            ("program", models.CharField(choices=[("amo_tadamon", "AMO-TADAMON"), ("direct_aid", "aide sociale directe")], max_length=11)),
            ("household", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="households.household")),
            ("facts_id", models.BigIntegerField()),
            ("before", models.BigIntegerField(help_text="score under the formula in force")),
            ("after", models.BigIntegerField(help_text="score under the rehearsed formula")),
        ],
        options={
            "verbose_name": "famille perdante",
            "verbose_name_plural": "familles perdantes",
            "ordering": ["run", "program", "household"],
        },
    ),
    migrations.CreateModel(
        name="ReplayedSample",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("on", models.DateField()),
            ("checked", models.IntegerField()),
            ("mismatches", models.JSONField(default=list, help_text="[{determination, household, sentence}]")),
            ("replayed_at", models.DateTimeField(auto_now_add=True)),
            ("acknowledged_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("acknowledged_at", models.DateTimeField(null=True)),
            ("reason", models.TextField(blank=True)),
        ],
        options={
            "verbose_name": "échantillon rejoué",
            "verbose_name_plural": "échantillons rejoués",
            "ordering": ["-id"],
        },
    ),
]
