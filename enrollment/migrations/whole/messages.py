"""Where families are written to, what they are told of their rights, and the messages that say so."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="Contact",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("household", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="contact", to="households.household")),
            ("language", models.CharField(blank=True, choices=[("fr", "français"), ("ar", "arabe")], help_text="empty: both", max_length=2)),
            ("email", models.EmailField(blank=True, max_length=254)),
            ("no_sms", models.BooleanField(default=False)),
            ("no_email", models.BooleanField(default=False)),
            ("changed_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("changed_at", models.DateTimeField(auto_now=True)),
        ],
        options={
            "verbose_name": "coordonnées du ménage",
            "verbose_name_plural": "coordonnées des ménages",
        },
    ),
    migrations.CreateModel(
        name="RightNotice",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("reference", models.CharField(help_text="eligibility.references", max_length=12, unique=True)),
            ("household", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="right_notices", to="households.household")),
            ("program", models.CharField(choices=[("amo_tadamon", "AMO-TADAMON"), ("amo_achamil", "AMO ACHAMIL"), ("direct_aid", "aide sociale directe")], max_length=11)),
            (
                "deed",
                models.CharField(
                    choices=[
                        ("opened", "droit ouvert"),
                        ("kept", "droit maintenu"),
                        ("reviewed", "droit à l’examen"),
                        ("suspended", "droit suspendu"),
                        ("resumed", "droit repris"),
                        ("ended", "fin du droit"),
                        ("refused", "droit refusé"),
                    ],
                    max_length=9,
                ),
            ),
            ("on", models.DateField(help_text="the day of the decision: time limits run from it")),
            ("appeal_until", models.DateField(help_text="last day to contest, included; NULL when nothing was decided against the family", null=True)),
            ("content", models.JSONField(help_text="enrollment.notices: what the sentences are made from")),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            ("printed_at", models.DateTimeField(null=True)),
            ("printed_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
        ],
        options={
            "verbose_name": "notification d’un droit",
            "verbose_name_plural": "notifications de droits",
            "ordering": ["-id"],
            "indexes": [
                models.Index(fields=["household", "-id"], name="right_notice_of_household"),
                models.Index(fields=["on", "program", "deed"], name="right_notice_of_day"),
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("reference__regex", "^[0-9A-HJKMNP-TV-Z]{12}$")), name="right_notice_letters"),
                models.CheckConstraint(condition=models.Q(("appeal_until", None), ("appeal_until__gte", models.F("on")), _connector="OR"), name="right_notice_limit_after"),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("printed_at", None), ("printed_by", None)), ("printed_at__isnull", False), _connector="OR"), name="right_notice_printed_by_somebody"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ToldMove",
        fields=[
            ("move", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="told", serialize=False, to="enrollment.enrollmentmove")),
            ("notice", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="moves", to="enrollment.rightnotice")),
        ],
        options={
            "verbose_name": "changement dit à la famille",
            "verbose_name_plural": "changements dits aux familles",
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="toldmove",
        trigger=pgtrigger.compiler.Trigger(
            name="told_move_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="3f2217cdd6bda57eadb46baae3a86c235eb784b1",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_told_move_keeps_rows_1420b",
                table="enrollment_toldmove",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="toldmove",
        trigger=pgtrigger.compiler.Trigger(
            name="told_move_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'told_move is append-only: it cannot be truncated';",
                hash="c1e1549673e8d4fef1a1901ad92768f45f2eb3b9",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_told_move_keeps_all_7ab81",
                table="enrollment_toldmove",
                when="BEFORE",
            ),
        ),
    ),
    migrations.CreateModel(
        name="ToldFloor",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("move_id", models.BigIntegerField(default=0)),
        ],
        options={
            "verbose_name": "dernier changement dit",
            "verbose_name_plural": "derniers changements dits",
            "constraints": [
                models.CheckConstraint(condition=models.Q(("pk", 1)), name="told_floor_is_one"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Message",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("notice", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="enrollment.rightnotice")),
            ("household", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="households.household")),
            ("channel", models.CharField(choices=[("sms", "SMS"), ("email", "courriel")], max_length=5)),
            ("address", models.CharField(max_length=254)),
            ("subject", models.CharField(blank=True, max_length=120)),
            ("body", models.TextField()),
            (
                "status",
                models.CharField(
                    choices=[
                        ("queued", "en attente"),
                        ("sending", "en envoi"),
                        ("sent", "parti"),
                        ("delivered", "reçu"),
                        ("failed", "échec après le dernier essai"),
                        ("undeliverable", "adresse refusée"),
                        ("doubtful", "départ incertain"),
                    ],
                    default="queued",
                    max_length=13,
                ),
            ),
            ("key", models.UUIDField(help_text="given to the gateway with each attempt", unique=True)),
            ("attempts", models.SmallIntegerField(default=0)),
            ("not_before", models.DateTimeField()),
            ("claimed_at", models.DateTimeField(null=True)),
            ("sent_at", models.DateTimeField(null=True)),
            ("receipt_at", models.DateTimeField(help_text="when the gateway said it was delivered, or could not be", null=True)),
            ("external_id", models.CharField(blank=True, max_length=100)),
            ("error", models.TextField(blank=True)),
            ("created_at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "verbose_name": "message",
            "verbose_name_plural": "messages",
            "ordering": ["-id"],
            "indexes": [
                models.Index(condition=models.Q(("status", "queued")), fields=["not_before", "id"], name="message_to_send"),
                models.Index(fields=["status", "-id"], name="message_by_status"),
                models.Index(fields=["household", "-id"], name="message_of_household"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("notice", "channel"), name="message_once_by_channel"),
                models.CheckConstraint(condition=models.Q(("address", ""), _negated=True), name="message_has_address"),
                models.CheckConstraint(condition=models.Q(models.Q(("status__in", ["sent", "delivered"]), _negated=True), ("sent_at__isnull", False), _connector="OR"), name="message_sent_is_dated"),
                models.CheckConstraint(condition=models.Q(models.Q(("status", "sending"), _negated=True), ("claimed_at__isnull", False), _connector="OR"), name="message_sending_is_claimed"),
            ],
        },
    ),
]
