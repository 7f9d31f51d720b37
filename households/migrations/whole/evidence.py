"""The papers a family hands in."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="Evidence",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("token", models.UUIDField(default=uuid.uuid4, help_text="the file's name on the disk", unique=True)),
            ("request", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="households.request")),
            (
                "proves",
                models.CharField(
                    choices=[
                        ("identity", "identité (CIN, titre de séjour)"),
                        ("family", "composition de la famille (livret de famille, acte de naissance)"),
                        ("marriage", "mariage ou divorce"),
                        ("death", "décès du père ou du conjoint"),
                        ("charge", "garde, kafala ou tutelle"),
                        ("schooling", "scolarité"),
                        ("work", "travail et revenus"),
                        ("cover", "couverture maladie ou autres allocations"),
                        ("disability", "handicap"),
                        ("residence", "adresse et logement"),
                        ("bills", "factures d’eau, d’électricité ou de téléphone"),
                        ("property", "biens (véhicule, terre, logement)"),
                        ("other", "autre pièce"),
                    ],
                    max_length=10,
                ),
            ),
            ("note", models.CharField(blank=True, max_length=80)),
            ("format", models.CharField(choices=[("jpeg", "photo"), ("png", "image"), ("pdf", "document")], help_text="read in the bytes, never in the name", max_length=4)),
            ("size", models.PositiveIntegerField(help_text="bytes")),
            ("sha256", models.CharField(max_length=64)),
            ("added_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("added_at", models.DateTimeField()),
        ],
        options={
            "verbose_name": "pièce justificative",
            "verbose_name_plural": "pièces justificatives",
            "ordering": ["request", "id"],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("size__gt", 0)), name="evidence_is_not_empty"),
                models.CheckConstraint(condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="evidence_sha256_pattern"),
                models.UniqueConstraint(fields=("request", "sha256", "proves"), name="evidence_same_file_once", violation_error_message="Cette pièce est déjà jointe à cette demande."),
            ],
        },
    ),
]
