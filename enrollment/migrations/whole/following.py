"""Covers watched night after night, and what is told ahead."""

import django.db.models.deletion
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="CoverWatch",
        fields=[
            ("household", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="cover_watch", serialize=False, to="households.household")),
            ("followed_on", models.DateField(help_text="day for which covers were last made true")),
            ("next_on", models.DateField(help_text="first day on which time alone may change a cover", null=True)),
            ("warn_for", models.DateField(help_text="first such day that nobody has been forewarned of yet", null=True)),
            ("facts_id", models.BigIntegerField(default=0, help_text="the reading of the answers that was followed")),
        ],
        options={
            "verbose_name": "suivi de couverture",
            "verbose_name_plural": "suivis de couverture",
            "ordering": ["household"],
            "indexes": [
                models.Index(condition=models.Q(("next_on__isnull", False)), fields=["next_on", "household"], name="cover_watch_next"),
                models.Index(condition=models.Q(("warn_for__isnull", False)), fields=["warn_for", "household"], name="cover_watch_warn"),
            ],
        },
    ),
    migrations.CreateModel(
        name="CoverNight",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("on", models.DateField(unique=True)),
            ("facts_mark", models.BigIntegerField(help_text="the newest reading there was; the next nights look again from the mark of two nights before")),
            ("periods_mark", models.BigIntegerField(default=0, help_text="the newest cover that a partner had verified; read as facts_mark")),
            ("followed", models.IntegerField(default=0)),
            ("closed_at", models.DateTimeField(auto_now_add=True)),
        ],
        options={
            "verbose_name": "nuit de suivi",
            "verbose_name_plural": "nuits de suivi",
            "ordering": ["-on"],
        },
    ),
    migrations.CreateModel(
        name="Forewarning",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("household", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="forewarnings", to="households.household")),
            ("member", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="households.member")),
            ("idcs", models.CharField(max_length=10)),
            (
                "what",
                models.CharField(
                    choices=[
                        ("majority", "n’est plus à charge à cet âge"),
                        ("studies", "fin de la prolongation pour études supérieures"),
                        ("certificate", "fin du certificat de handicap"),
                        ("permit", "fin du titre de séjour"),
                    ],
                    max_length=11,
                ),
            ),
            ("on_day", models.DateField(help_text="first day without the place")),
            ("written_on", models.DateField()),
            ("lapsed_on", models.DateField(help_text="the change forewarned of will not come, and since when that is known", null=True)),
        ],
        options={
            "verbose_name": "préavis",
            "verbose_name_plural": "préavis",
            "ordering": ["on_day", "id"],
            "indexes": [
                models.Index(condition=models.Q(("lapsed_on__isnull", True)), fields=["on_day", "id"], name="forewarning_coming"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("idcs", "what", "on_day"), name="forewarned_once"),
            ],
        },
    ),
]
