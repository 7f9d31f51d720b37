"""Pairs that may be the same person or household, and the passes that look for them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="DuplicatePass",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("on", models.DateField()),
            ("status", models.CharField(choices=[("running", "en cours"), ("done", "terminé"), ("failed", "échoué")], default="running", max_length=7)),
            ("position", models.IntegerField(default=0, help_text="the step that comes next")),
            ("steps", models.IntegerField(default=0, help_text="0 until the people are counted")),
            ("slices", models.SmallIntegerField(default=1, help_text="parts that the blocks of one kind are compared in")),
            ("attempts", models.SmallIntegerField(default=0, help_text="times the present step was begun")),
            ("rates", models.JSONField()),
            ("chances", models.JSONField(default=dict)),
            ("people", models.BigIntegerField(default=0)),
            ("left_out", models.BigIntegerField(default=0, help_text="people in blocks too large to compare, counted once for each kind of block")),
            ("compared", models.BigIntegerField(default=0)),
            ("alike", models.BigIntegerField(default=0)),
            ("proposed", models.IntegerField(default=0)),
            ("lapsed", models.IntegerField(default=0)),
            ("error", models.TextField(blank=True)),
            ("started_at", models.DateTimeField(auto_now_add=True)),
            ("finished_at", models.DateTimeField(blank=True, null=True)),
        ],
        options={
            "verbose_name": "recherche de doublons",
            "verbose_name_plural": "recherches de doublons",
            "ordering": ["-id"],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("status", "running")), fields=("status",), name="duplicate_pass_one_at_a_time", violation_error_message="Une recherche de doublons est déjà en cours."
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("finished_at", None), ("status", "running")), models.Q(models.Q(("status", "running"), _negated=True), ("finished_at__isnull", False)), _connector="OR"
                    ),
                    name="duplicate_pass_finished_says_when",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="DuplicatePair",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(choices=[("people", "deux personnes"), ("households", "deux ménages"), ("idcs_claimed", "IDCS réclamé")], max_length=12)),
            ("member_low", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="households.member")),
            ("member_high", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="households.member")),
            ("household_low", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="households.household")),
            ("household_high", models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="households.household")),
            (
                "request",
                models.ForeignKey(
                    help_text="the draft that claims the IDCS, or what makes it true", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="duplicates", to="households.request"
                ),
            ),
            ("person_key", models.CharField(blank=True, help_text="who claims it in the draft", max_length=16)),
            ("probability", models.SmallIntegerField(null=True)),
            ("evidence", models.JSONField(default=list)),
            ("fingerprint", models.CharField(blank=True, max_length=32)),
            (
                "status",
                models.CharField(
                    choices=[("open", "à régler"), ("different", "différents"), ("same_person", "même personne"), ("same_household", "même ménage"), ("lapsed", "devenu sans objet")],
                    default="open",
                    max_length=14,
                ),
            ),
            ("proposed_at", models.DateTimeField(auto_now_add=True)),
            ("proposed_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("found_by", models.ForeignKey(help_text="the last pass that found it", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="households.duplicatepass")),
            ("claim_reason", models.TextField(blank=True)),
            ("settled_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("settled_at", models.DateTimeField(blank=True, null=True)),
            ("reason", models.TextField(blank=True)),
            ("earlier", models.JSONField(default=list, help_text="settlements that answers changed since have undone")),
        ],
        options={
            "verbose_name": "doublon possible",
            "verbose_name_plural": "doublons possibles",
            "ordering": ["-probability", "id"],
            "indexes": [
                models.Index(condition=models.Q(("status", "open")), fields=["-probability", "id"], name="duplicate_to_settle"),
                models.Index(fields=["household_low", "status"], name="duplicate_by_low_household"),
                models.Index(fields=["household_high", "status"], name="duplicate_by_high_household"),
                models.Index(condition=models.Q(("request__isnull", False)), fields=["request"], name="duplicate_by_request"),
            ],
            "constraints": [
                models.UniqueConstraint(condition=models.Q(("kind", "people")), fields=("member_low", "member_high"), name="duplicate_people_once"),
                models.UniqueConstraint(condition=models.Q(("kind", "households")), fields=("household_low", "household_high"), name="duplicate_households_once"),
                models.UniqueConstraint(condition=models.Q(("kind", "idcs_claimed")), fields=("request", "person_key", "member_low"), name="duplicate_claim_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("household_high__isnull", False), ("kind", "people"), ("member_low__lt", models.F("member_high"))),
                        models.Q(("household_low__lt", models.F("household_high")), ("kind", "households"), ("member_high", None), ("member_low", None)),
                        models.Q(("household_high", None), ("kind", "idcs_claimed"), ("member_high", None), ("member_low__isnull", False), ("request__isnull", False)),
                        _connector="OR",
                    ),
                    name="duplicate_sides_ordered",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind", "idcs_claimed"), ("probability", None)),
                        models.Q(models.Q(("kind", "idcs_claimed"), _negated=True), ("probability__gte", 0), ("probability__isnull", False), ("probability__lte", 10000)),
                        _connector="OR",
                    ),
                    name="duplicate_probability_in_ten_thousandths",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("settled_at", None), ("settled_by", None), ("status", "open")),
                        models.Q(models.Q(("status", "open"), _negated=True), ("settled_at__isnull", False), ("settled_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="duplicate_settled_says_by_whom",
                ),
            ],
        },
    ),
]
