"""What a family asks for, who moved it on and what was noted."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="Request",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("token", models.UUIDField(unique=True)),
            (
                "kind",
                models.CharField(
                    choices=[("registration", "enregistrement"), ("update", "mise à jour"), ("score_review", "révision de l’indice"), ("complaint", "réclamation"), ("striking_off", "radiation")],
                    max_length=12,
                ),
            ),
            (
                "occasion",
                models.CharField(
                    blank=True,
                    choices=[
                        ("move", "déménagement"),
                        ("departure", "départ d’une personne"),
                        ("death", "décès"),
                        ("split", "nouveau ménage fondé par des membres"),
                        ("merge", "réunion de deux ménages"),
                        ("transfer", "arrivée depuis un autre ménage"),
                    ],
                    max_length=9,
                ),
            ),
            (
                "status",
                models.CharField(
                    choices=[("draft", "brouillon"), ("in_progress", "en cours"), ("processed", "traitée"), ("partially_accepted", "acceptée en partie"), ("rejected", "rejetée")],
                    default="draft",
                    max_length=18,
                ),
            ),
            ("household", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="households.household")),
            (
                "other",
                models.ForeignKey(
                    blank=True,
                    help_text="the household it absorbs, founds or receives people from",
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="households.household",
                ),
            ),
            ("commune", models.ForeignKey(blank=True, help_text="whose work this is", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rsu.commune")),
            ("answers", models.JSONField(default=dict)),
            ("before", models.JSONField(blank=True, null=True)),
            ("after", models.JSONField(blank=True, null=True)),
            ("details", models.JSONField(blank=True, default=dict)),
            ("touched", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, help_text="answers it changes, as `person.field`", size=None)),
            ("reason", models.TextField(blank=True, help_text="what the family says")),
            ("answer", models.TextField(blank=True, help_text="what the family is answered")),
            ("assignee", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("due_on", models.DateField(blank=True, help_text="last day for the answer", null=True)),
            (
                "second",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(max_length=20), blank=True, default=list, help_text="why a second person must sign, as the law names it", size=None
                ),
            ),
            ("created_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            ("saved_at", models.DateTimeField(auto_now=True)),
            ("submitted_on", models.DateField(blank=True, null=True)),
            ("submitted_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("processed_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("processed_at", models.DateTimeField(blank=True, null=True)),
            ("undoes", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="undone_by", to="households.request")),
        ],
        options={
            "verbose_name": "demande",
            "verbose_name_plural": "demandes",
            "ordering": ["-id"],
            "indexes": [
                models.Index(fields=["created_by", "status", "-saved_at"], name="request_my_drafts"),
                models.Index(fields=["household", "-id"], name="request_by_household"),
                models.Index(condition=models.Q(("status", "in_progress")), fields=["commune", "due_on", "id"], name="request_waiting"),
                models.Index(condition=models.Q(("status", "in_progress")), fields=["assignee", "due_on", "id"], name="request_assigned"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("status", "processed"), _negated=True),
                        models.Q(("household__isnull", False), ("processed_at__isnull", False), ("processed_by__isnull", False), ("submitted_on__isnull", False)),
                        _connector="OR",
                    ),
                    name="request_processed_is_complete",
                ),
                models.UniqueConstraint(condition=models.Q(("status", "rejected"), _negated=True), fields=("undoes",), name="request_undone_once"),
                models.CheckConstraint(condition=models.Q(("status__in", ["draft", "rejected"]), ("submitted_on__isnull", False), _connector="OR"), name="request_sent_is_dated"),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("status", "processed"), _negated=True), ("second", []), models.Q(("processed_by", models.F("submitted_by")), _negated=True), _connector="OR"),
                    name="request_signed_by_a_second_person",
                    violation_error_message="Cette demande doit être approuvée par une autre personne que celle qui l’a envoyée.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="RequestMove",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("request", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="moves", to="households.request")),
            (
                "before",
                models.CharField(
                    blank=True,
                    choices=[("draft", "brouillon"), ("in_progress", "en cours"), ("processed", "traitée"), ("partially_accepted", "acceptée en partie"), ("rejected", "rejetée")],
                    max_length=18,
                ),
            ),
            (
                "after",
                models.CharField(
                    choices=[("draft", "brouillon"), ("in_progress", "en cours"), ("processed", "traitée"), ("partially_accepted", "acceptée en partie"), ("rejected", "rejetée")], max_length=18
                ),
            ),
            ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField(auto_now_add=True)),
            ("reason", models.TextField(blank=True)),
        ],
        options={
            "verbose_name": "étape d’une demande",
            "verbose_name_plural": "étapes d’une demande",
            "ordering": ["request", "id"],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="requestmove",
        trigger=pgtrigger.compiler.Trigger(
            name="request_move_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="95db9abdff42ffed1b649e54534bd8f7763a45e6",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_request_move_keeps_rows_7b962",
                table="households_requestmove",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="requestmove",
        trigger=pgtrigger.compiler.Trigger(
            name="request_move_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'request_move is append-only: it cannot be truncated';",
                hash="e5b6feb55cdd073b62e016d5141c3420e11a78fb",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_request_move_keeps_all_e93e4",
                table="households_requestmove",
                when="BEFORE",
            ),
        ),
    ),
    migrations.CreateModel(
        name="RequestNote",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("request", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="households.request")),
            ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField(auto_now_add=True)),
            ("text", models.TextField()),
        ],
        options={
            "verbose_name": "remarque",
            "verbose_name_plural": "remarques",
            "ordering": ["request", "id"],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="requestnote",
        trigger=pgtrigger.compiler.Trigger(
            name="request_note_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="a44c6eb3d2d666094c678379a1549d9d535bab6a",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_request_note_keeps_rows_aaad7",
                table="households_requestnote",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="requestnote",
        trigger=pgtrigger.compiler.Trigger(
            name="request_note_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'request_note is append-only: it cannot be truncated';",
                hash="b0ad82342c0d09471bad2847c4a2ee1edba34b98",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_request_note_keeps_all_0ad6f",
                table="households_requestnote",
                when="BEFORE",
            ),
        ),
    ),
]
