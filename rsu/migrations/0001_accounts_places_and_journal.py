"""Accounts, the places they may see, partner agencies and the journal: every table as it stands."""

import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from rsu.whole_tables import WholeTables


class Migration(migrations.Migration):
    initial = True
    # What the last of the earlier migrations left is the same: a database they made goes on from here.
    replaces = [("rsu", "0050_agencies_say_what_they_deliver")]
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        WholeTables(
            [
                migrations.CreateModel(
                    name="Region",
                    fields=[
                        ("id", models.IntegerField(help_text="the code's digits as a number", primary_key=True, serialize=False)),
                        ("code", models.CharField(max_length=12, unique=True)),
                        ("name_fr", models.CharField(max_length=80)),
                        ("name_ar", models.CharField(max_length=80)),
                    ],
                    options={
                        "verbose_name": "région",
                        "verbose_name_plural": "régions",
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="Province",
                    fields=[
                        ("id", models.IntegerField(help_text="the code's digits as a number", primary_key=True, serialize=False)),
                        ("code", models.CharField(max_length=12, unique=True)),
                        ("name_fr", models.CharField(max_length=80)),
                        ("name_ar", models.CharField(max_length=80)),
                        ("kind", models.CharField(choices=[("province", "province"), ("prefecture", "préfecture")], max_length=10)),
                        ("region", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="provinces", to="rsu.region")),
                    ],
                    options={
                        "verbose_name": "province ou préfecture",
                        "verbose_name_plural": "provinces et préfectures",
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="Commune",
                    fields=[
                        ("id", models.IntegerField(help_text="the code's digits as a number", primary_key=True, serialize=False)),
                        ("code", models.CharField(max_length=12, unique=True)),
                        ("name_fr", models.CharField(max_length=80)),
                        ("name_ar", models.CharField(max_length=80)),
                        ("milieu", models.CharField(choices=[("urban", "urbain"), ("rural", "rural")], max_length=5)),
                        ("has_urban_center", models.BooleanField(default=False, help_text="a rural commune with an urban centre: the household must say where it lives")),
                        ("province", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="communes", to="rsu.province")),
                        ("region", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="communes", to="rsu.region")),
                    ],
                    options={
                        "verbose_name": "commune",
                        "verbose_name_plural": "communes et arrondissements",
                        "ordering": ["id"],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("has_urban_center", False), ("milieu", "rural"), _connector="OR"), name="commune_center_only_in_rural"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="User",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                        (
                            "is_superuser",
                            models.BooleanField(default=False, help_text="Designates that this user has all permissions without explicitly assigning them.", verbose_name="superuser status"),
                        ),
                        (
                            "username",
                            models.CharField(
                                error_messages={"unique": "A user with that username already exists."},
                                help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                                max_length=150,
                                unique=True,
                                validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                                verbose_name="username",
                            ),
                        ),
                        ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                        ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                        ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                        ("is_staff", models.BooleanField(default=False, help_text="Designates whether the user can log into this admin site.", verbose_name="staff status")),
                        (
                            "is_active",
                            models.BooleanField(default=True, help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.", verbose_name="active"),
                        ),
                        ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("caseworker", "agent d’enregistrement"),
                                    ("supervisor", "superviseur"),
                                    ("administrator", "administrateur"),
                                    ("auditor", "auditeur"),
                                    ("agency", "organisme partenaire"),
                                    ("engine", "moteur"),
                                ],
                                default="caseworker",
                                max_length=13,
                                verbose_name="rôle",
                            ),
                        ),
                        (
                            "area_level",
                            models.CharField(
                                choices=[("nowhere", "aucun territoire"), ("commune", "commune"), ("province", "province ou préfecture"), ("region", "région"), ("kingdom", "royaume")],
                                default="nowhere",
                                max_length=8,
                                verbose_name="étendue",
                            ),
                        ),
                        ("region", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="rsu.region", verbose_name="région")),
                        ("province", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="rsu.province", verbose_name="province")),
                        ("commune", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="rsu.commune", verbose_name="commune")),
                        (
                            "vouched_by",
                            models.ForeignKey(
                                blank=True,
                                help_text="who made the account, gave it its role or its password; empty for those the installation made",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="garant",
                            ),
                        ),
                        ("language", models.CharField(choices=[("fr", "français"), ("ar", "العربية")], default="fr", max_length=2, verbose_name="langue")),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True, help_text="Specific permissions for this user.", related_name="user_set", related_query_name="user", to="auth.permission", verbose_name="user permissions"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "compte",
                        "verbose_name_plural": "comptes",
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("area_level__in", ["nowhere", "kingdom"]), ("commune", None), ("province", None), ("region", None)),
                                    models.Q(("area_level", "region"), ("commune", None), ("province", None), ("region__isnull", False)),
                                    models.Q(("area_level", "province"), ("commune", None), ("province__isnull", False), ("region", None)),
                                    models.Q(("area_level", "commune"), ("commune__isnull", False), ("province", None), ("region", None)),
                                    _connector="OR",
                                ),
                                name="user_area_matches_level",
                                violation_error_message="Le territoire doit correspondre à l’étendue choisie : une commune, une province, une région, ou aucun.",
                            ),
                        ],
                    },
                    managers=[("objects", django.contrib.auth.models.UserManager())],
                ),
                migrations.CreateModel(
                    name="Agency",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("user", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="agency", to=settings.AUTH_USER_MODEL)),
                        ("code", models.SlugField(max_length=30, unique=True)),
                        ("name_fr", models.CharField(max_length=120)),
                        ("name_ar", models.CharField(max_length=120)),
                        ("programs", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                        (
                            "attributes",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=30), blank=True, default=list, help_text="what answers may hold beside the right itself", size=None
                            ),
                        ),
                        ("purposes", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                        (
                            "feeds",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=10), blank=True, default=list, help_text="what it may deliver to verify answers, as kinds of imports", size=None
                            ),
                        ),
                        ("since", models.DateField()),
                        ("until", models.DateField(help_text="exclusive")),
                    ],
                    options={
                        "verbose_name": "organisme partenaire",
                        "verbose_name_plural": "organismes partenaires",
                        "ordering": ["code"],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("since__lt", models.F("until"))), name="agency_period_forward"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditEvent",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                        ("verb", models.CharField(max_length=40)),
                        ("household_id", models.BigIntegerField(null=True)),
                        ("subject", models.CharField(blank=True, help_text="what was acted upon, as `kind:id`", max_length=80)),
                        ("reason", models.TextField(blank=True)),
                        ("details", models.JSONField(default=dict)),
                    ],
                    options={
                        "verbose_name": "événement du journal",
                        "verbose_name_plural": "événements du journal",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(fields=["household_id", "-id"], name="audit_by_household"),
                            models.Index(fields=["by", "-id"], name="audit_by_actor"),
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="auditevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="audit_event_keeps_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="076e828e8cd0b2a36f55e1e62feef31e08dca2fd",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_audit_event_keeps_rows_4feb3",
                            table="rsu_auditevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="auditevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="audit_event_keeps_all",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'audit_event is append-only: it cannot be truncated';",
                            hash="309940938f9d1b5b3f61762629554e88a3602ec8",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_audit_event_keeps_all_57c5a",
                            table="rsu_auditevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.CreateModel(
                    name="AuditSeal",
                    fields=[
                        ("event", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="seal", serialize=False, to="rsu.auditevent")),
                        ("position", models.BigIntegerField(unique=True)),
                        ("digest", models.CharField(max_length=64)),
                    ],
                    options={
                        "verbose_name": "sceau du journal",
                        "verbose_name_plural": "sceaux du journal",
                        "ordering": ["position"],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="auditseal",
                    trigger=pgtrigger.compiler.Trigger(
                        name="audit_seal_keeps_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="61a2ff1b386cad8065e6267fbd4214459001d11f",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_audit_seal_keeps_rows_45d73",
                            table="rsu_auditseal",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="auditseal",
                    trigger=pgtrigger.compiler.Trigger(
                        name="audit_seal_keeps_all",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'audit_seal is append-only: it cannot be truncated';",
                            hash="4338dbd95f353b2ada7c6df1415798f74ce8130a",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_audit_seal_keeps_all_06549",
                            table="rsu_auditseal",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        ),
    ]
