"""Who is on a draft, and what of it was saved when."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="DraftHand",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("request", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="hands", to="households.request")),
            ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("since", models.DateTimeField()),
        ],
        options={
            "verbose_name": "reprise d’un brouillon",
            "verbose_name_plural": "reprises de brouillons",
            "ordering": ["request", "since"],
            "constraints": [
                models.UniqueConstraint(fields=("request", "user"), name="draft_hand_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="DraftPresence",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("request", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="presences", to="households.request")),
            ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("window", models.CharField(max_length=12)),
            ("opened_at", models.DateTimeField()),
            ("seen_at", models.DateTimeField()),
        ],
        options={
            "verbose_name": "présence sur un brouillon",
            "verbose_name_plural": "présences sur des brouillons",
            "ordering": ["request", "opened_at"],
            "constraints": [
                models.UniqueConstraint(fields=("request", "user", "window"), name="draft_presence_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="DraftTrail",
        fields=[
            ("request", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="trail", serialize=False, to="households.request")),
            ("written", models.JSONField(default=dict)),
        ],
        options={
            "verbose_name": "trace d’un brouillon",
            "verbose_name_plural": "traces de brouillons",
        },
    ),
]
