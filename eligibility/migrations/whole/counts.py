"""Households and people counted by place and by score."""

import django.db.models.deletion
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="Tally",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("measure", models.CharField(choices=[("registered", "enregistrés"), ("entitled", "sous le seuil"), ("enrolled", "inscrits")], max_length=10)),
            ("program", models.CharField(blank=True, choices=[("amo_tadamon", "AMO-TADAMON"), ("direct_aid", "aide sociale directe")], max_length=11)),
            ("commune", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="rsu.commune")),
            ("milieu", models.CharField(choices=[("urban", "urbain"), ("rural", "rural")], max_length=5)),
            ("households", models.BigIntegerField()),
            ("people", models.BigIntegerField()),
        ],
        options={
            "verbose_name": "décompte",
            "verbose_name_plural": "décomptes",
            "indexes": [
                models.Index(fields=["measure", "program", "commune"], name="tally_measure"),
            ],
        },
    ),
    migrations.CreateModel(
        name="ScoreTally",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("formula_id", models.BigIntegerField(help_text="a provision, or the number kept for one that is rehearsed")),
            ("province", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="rsu.province")),
            ("milieu", models.CharField(choices=[("urban", "urbain"), ("rural", "rural")], max_length=5)),
            ("bucket", models.IntegerField()),
            ("households", models.BigIntegerField()),
            ("people", models.BigIntegerField()),
            ("aid", models.BigIntegerField()),
            ("insured", models.BigIntegerField()),
        ],
        options={
            "verbose_name": "décompte des indices",
            "verbose_name_plural": "décomptes des indices",
            "indexes": [
                models.Index(fields=["formula_id", "bucket"], name="score_tally_curve"),
            ],
        },
    ),
]
