"""Adhesions to AMO ACHAMIL and their contributions."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="Adhesion",
        fields=[
            (
                "enrollment",
                models.OneToOneField(
                    help_text="the insured person's", on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="adhesion", serialize=False, to="enrollment.enrollment"
                ),
            ),
            ("joined_on", models.DateField()),
            ("first_month", models.DateField(help_text="first day of the first month due")),
            ("waiting_months", models.SmallIntegerField(help_text="months to pay before rights open: 0, the waiting is waived")),
            ("rights_on", models.DateField(null=True)),
            ("left_on", models.DateField(help_text="first day that is no longer contributed for", null=True)),
        ],
        options={
            "verbose_name": "adhésion à l’AMO ACHAMIL",
            "verbose_name_plural": "adhésions à l’AMO ACHAMIL",
            "ordering": ["enrollment"],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("first_month__day", 1)), name="adhesion_first_month_is_first_day"),
                models.CheckConstraint(condition=models.Q(("waiting_months__gte", 0)), name="adhesion_waiting_not_negative"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Contribution",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("adhesion", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="contributions", to="enrollment.adhesion")),
            ("month", models.DateField(help_text="its first day")),
            ("due_on", models.DateField()),
            ("score", models.BigIntegerField(help_text="the household's on the due day, in ten-millionths")),
            ("band", models.ForeignKey(help_text="the provision of the bands", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="eligibility.provision")),
            ("amount", models.IntegerField(help_text="centimes")),
            ("paid_on", models.DateField(null=True)),
            ("reference", models.CharField(blank=True, help_text="of the payment, at the insurer", max_length=60)),
            ("recorded_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("recorded_at", models.DateTimeField(null=True)),
        ],
        options={
            "verbose_name": "cotisation",
            "verbose_name_plural": "cotisations",
            "ordering": ["adhesion", "month"],
            "indexes": [
                models.Index(condition=models.Q(("paid_on__isnull", True)), fields=["due_on", "id"], name="contribution_unpaid"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("adhesion", "month"), name="contribution_month_once", violation_error_message="Ce mois est déjà appelé."),
                models.CheckConstraint(condition=models.Q(("month__day", 1)), name="contribution_month_is_first_day"),
                models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="contribution_positive"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("paid_on", None), ("recorded_at", None), ("recorded_by", None)),
                        models.Q(("paid_on__isnull", False), ("recorded_at__isnull", False), ("recorded_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="contribution_paid_is_recorded",
                ),
                models.CheckConstraint(condition=models.Q(("due_on__gte", models.F("month"))), name="contribution_due_in_its_month"),
            ],
        },
    ),
]
