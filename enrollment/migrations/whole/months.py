"""The ledger of a month of aid, what is corrected and what is claimed."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="MonthRun",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(choices=[("payment", "mois à écrire"), ("correction", "mois à corriger")], default="payment", max_length=10)),
            ("month", models.DateField(help_text="its first day")),
            ("read_on", models.DateField(help_text="the day families are read on")),
            ("on", models.DateField(help_text="the day it was asked for")),
            ("status", models.CharField(choices=[("planned", "prévue"), ("running", "en cours"), ("closed", "close"), ("failed", "en échec")], default="planned", max_length=7)),
            ("provision", models.ForeignKey(help_text="the amounts it applies", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="eligibility.provision")),
            ("planned", models.BigIntegerField(default=0)),
            ("reason", models.TextField(blank=True, help_text="why it corrects, or why it could not be closed")),
            ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            ("started_at", models.DateTimeField(null=True)),
            ("finished_at", models.DateTimeField(null=True)),
        ],
        options={
            "verbose_name": "passage mensuel",
            "verbose_name_plural": "passages mensuels",
            "ordering": ["-id"],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("status__in", ["planned", "running"])), fields=("month",), name="month_run_one_at_a_time", violation_error_message="Ce mois est déjà en cours."
                ),
                models.CheckConstraint(condition=models.Q(("month__day", 1)), name="month_run_month_is_first_day"),
            ],
        },
    ),
    migrations.CreateModel(
        name="MonthChunk",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("run", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="chunks", to="enrollment.monthrun")),
            ("position", models.IntegerField()),
            ("households", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
            ("size", models.IntegerField()),
            ("status", models.CharField(choices=[("waiting", "en attente"), ("claimed", "pris"), ("done", "fait"), ("failed", "en échec")], default="waiting", max_length=7)),
            ("attempts", models.SmallIntegerField(default=0)),
            ("worker", models.CharField(blank=True, max_length=120)),
            ("claimed_at", models.DateTimeField(null=True)),
            ("done_at", models.DateTimeField(null=True)),
            ("paid", models.IntegerField(default=0)),
            ("already", models.IntegerField(default=0)),
            ("not_due", models.JSONField(default=dict, help_text="{reason: households}")),
            ("lines", models.IntegerField(default=0)),
            ("amount", models.BigIntegerField(default=0, help_text="centimes")),
            ("error", models.TextField(blank=True)),
        ],
        options={
            "verbose_name": "lot du mois",
            "verbose_name_plural": "lots du mois",
            "ordering": ["run", "position"],
            "indexes": [
                models.Index(condition=models.Q(("status", "done"), _negated=True), fields=["status", "claimed_at"], name="month_chunk_to_do"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("run", "position"), name="month_chunk_position_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="MonthTally",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("month", models.DateField()),
            ("commune", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rsu.commune")),
            (
                "kind",
                models.CharField(
                    blank=True,
                    choices=[
                        ("child", "enfant de moins de 6 ans ou scolarisé"),
                        ("child_not_in_school", "enfant non scolarisé"),
                        ("orphan", "enfant orphelin de père"),
                        ("disability", "supplément pour handicap"),
                        ("floor", "complément au minimum du ménage"),
                        ("flat", "aide forfaitaire"),
                        ("school_start", "aide à la rentrée scolaire"),
                        ("birth_grant", "prime de naissance"),
                        ("recovery", "retenue d’un trop-perçu"),
                    ],
                    max_length=19,
                ),
            ),
            ("provision", models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="eligibility.provision")),
            ("belongs_to", models.DateField(help_text="another month than the one it was written with", null=True)),
            ("count", models.IntegerField()),
            ("amount", models.BigIntegerField(help_text="centimes")),
        ],
        options={
            "verbose_name": "total du mois",
            "verbose_name_plural": "totaux du mois",
            "ordering": ["month", "commune", "kind"],
            "indexes": [
                models.Index(fields=["month", "commune"], name="month_tally_read"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Overpayment",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("household", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="overpayments", to="households.household")),
            ("month", models.DateField(help_text="first day of the month overpaid")),
            ("amount", models.IntegerField(help_text="centimes")),
            ("recovered", models.IntegerField(default=0, help_text="centimes taken back so far, or found owed after all")),
            ("share", models.IntegerField(help_text="centimes a month, as decided", null=True)),
            (
                "state",
                models.CharField(
                    choices=[("recorded", "constaté"), ("proposed", "récupération proposée"), ("recovering", "en récupération"), ("recovered", "récupéré"), ("waived", "abandonné")],
                    default="recorded",
                    max_length=10,
                ),
            ),
            ("reason", models.TextField()),
            ("decision", models.TextField(blank=True, help_text="why it is recovered or waived")),
            ("recorded_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("recorded_at", models.DateTimeField(auto_now_add=True)),
            ("proposed_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("decided_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("decided_at", models.DateTimeField(null=True)),
        ],
        options={
            "verbose_name": "trop-perçu",
            "verbose_name_plural": "trop-perçus",
            "ordering": ["-id"],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="overpayment_positive"),
                models.CheckConstraint(condition=models.Q(("recovered__gte", 0), ("recovered__lte", models.F("amount"))), name="overpayment_never_recovered_twice"),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("state", "recovering"), _negated=True), models.Q(("decided_at__isnull", False), ("decided_by__isnull", False), ("share__gt", 0)), _connector="OR"),
                    name="overpayment_recovered_by_decision",
                ),
                models.CheckConstraint(
                    condition=models.Q(("decided_by", None), ("proposed_by", None), models.Q(("decided_by", models.F("proposed_by")), _negated=True), _connector="OR"),
                    name="overpayment_decided_by_another",
                    violation_error_message="Une autre personne que celle qui l’a proposée doit décider.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state", "recovering")),
                    fields=("household",),
                    name="overpayment_one_recovery",
                    violation_error_message="Un autre trop-perçu de ce ménage est déjà en récupération.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Correction",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("household", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="households.household")),
            ("month", models.DateField(help_text="first day of the month corrected")),
            ("amount", models.IntegerField(help_text="centimes: owed when positive, received too much when negative")),
            ("overpayment", models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="correction", to="enrollment.overpayment")),
            ("reason", models.TextField()),
            ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "verbose_name": "correction d’un mois",
            "verbose_name_plural": "corrections de mois",
            "ordering": ["household", "month", "id"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(models.Q(("amount__lt", 0), ("overpayment__isnull", False)), models.Q(("amount__gte", 0), ("overpayment", None)), _connector="OR"),
                    name="correction_overpaid_or_owed",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="DueLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("household", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="due_lines", to="households.household")),
            ("belongs_to", models.DateField(help_text="first day of the month it is owed for")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("child", "enfant de moins de 6 ans ou scolarisé"),
                        ("child_not_in_school", "enfant non scolarisé"),
                        ("orphan", "enfant orphelin de père"),
                        ("disability", "supplément pour handicap"),
                        ("floor", "complément au minimum du ménage"),
                        ("flat", "aide forfaitaire"),
                        ("school_start", "aide à la rentrée scolaire"),
                        ("birth_grant", "prime de naissance"),
                        ("recovery", "retenue d’un trop-perçu"),
                    ],
                    max_length=19,
                ),
            ),
            ("member", models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="households.member")),
            ("rank", models.SmallIntegerField(null=True)),
            ("amount", models.IntegerField(help_text="centimes")),
            ("provision", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="eligibility.provision")),
            ("correction", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="enrollment.correction")),
            ("withheld", models.BooleanField(default=False, help_text="of an overpayment: never written")),
            ("written_in", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="due_lines", to="enrollment.allowance")),
        ],
        options={
            "verbose_name": "ligne à verser",
            "verbose_name_plural": "lignes à verser",
            "ordering": ["household", "belongs_to", "id"],
            "indexes": [
                models.Index(condition=models.Q(("withheld", False), ("written_in", None)), fields=["household"], name="due_line_waiting"),
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("withheld", False), ("written_in", None), _connector="OR"), name="due_line_withheld_is_not_written"),
            ],
        },
    ),
    migrations.CreateModel(
        name="BirthClaim",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("household", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="birth_claims", to="households.household")),
            ("mother_idcs", models.CharField(max_length=10)),
            ("delivered_on", models.DateField()),
            ("delivery", models.SmallIntegerField(help_text="1 for the mother's first")),
            ("child", models.ForeignKey(help_text="one of those born that day", null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="households.member")),
            ("line", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="claim", to="enrollment.dueline")),
            ("claimed_on", models.DateField()),
            ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "verbose_name": "prime de naissance demandée",
            "verbose_name_plural": "primes de naissance demandées",
            "ordering": ["-id"],
            "constraints": [
                models.UniqueConstraint(fields=("mother_idcs", "delivered_on"), name="birth_grant_once_a_delivery", violation_error_message="La prime de cet accouchement a déjà été demandée."),
                models.UniqueConstraint(fields=("mother_idcs", "delivery"), name="birth_grant_once_a_rank", violation_error_message="La prime de cet accouchement a déjà été demandée."),
            ],
        },
    ),
    migrations.CreateModel(
        name="SchoolGrant",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("idcs", models.CharField(max_length=10)),
            ("year", models.SmallIntegerField()),
            ("household", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="households.household")),
        ],
        options={
            "verbose_name": "aide à la rentrée accordée",
            "verbose_name_plural": "aides à la rentrée accordées",
            "ordering": ["-year", "idcs"],
            "constraints": [
                models.UniqueConstraint(fields=("idcs", "year"), name="school_grant_once_a_year"),
            ],
        },
    ),
]
