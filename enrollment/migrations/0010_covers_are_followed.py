import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models
from rsu.whole_tables import WholeTables


class Migration(migrations.Migration):
    dependencies = [
        ("eligibility", "0014_notices"),
        ("enrollment", "0005_schemes_suspensions_and_placements"),
        ("households", "0019_words_of_the_kinds_of_requests"),
        ("rsu", "__first__"),
    ]

    operations = [
        WholeTables(
            [
                migrations.CreateModel(
                    name="CoverNight",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("on", models.DateField(unique=True)),
                        (
                            "facts_mark",
                            models.BigIntegerField(
                                help_text="the newest reading there was; the next nights look again from the mark of two nights before"
                            ),
                        ),
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
                    name="CoverWatch",
                    fields=[
                        (
                            "household",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="cover_watch",
                                serialize=False,
                                to="households.household",
                            ),
                        ),
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
                            models.Index(
                                condition=models.Q(("next_on__isnull", False)), fields=["next_on", "household"], name="cover_watch_next"
                            ),
                            models.Index(
                                condition=models.Q(("warn_for__isnull", False)), fields=["warn_for", "household"], name="cover_watch_warn"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Forewarning",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                        (
                            "lapsed_on",
                            models.DateField(help_text="the change forewarned of will not come, and since when that is known", null=True),
                        ),
                    ],
                    options={
                        "verbose_name": "préavis",
                        "verbose_name_plural": "préavis",
                        "ordering": ["on_day", "id"],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="enrollment",
                    trigger=pgtrigger.compiler.Trigger(
                        name="opened_cover_is_watched",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO enrollment_coverwatch (household_id, followed_on, next_on, warn_for, facts_id)\n    SELECT n.household_id, min(n.since), min(n.since), NULL, 0 FROM new_rows n  WHERE n.program IN ('amo_tadamon', 'amo_achamil') AND n.status IN ('active', 'in_review', 'suspended')\n    GROUP BY n.household_id ORDER BY n.household_id\n    ON CONFLICT (household_id) DO UPDATE SET next_on = LEAST(enrollment_coverwatch.next_on, EXCLUDED.next_on);\n    RETURN NULL;\n",
                            hash="f5b999190843f986370f831b001ffc06de664e6b",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_opened_cover_is_watched_c9b2f",
                            referencing="REFERENCING NEW TABLE AS new_rows ",
                            table="enrollment_enrollment",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="enrollment",
                    trigger=pgtrigger.compiler.Trigger(
                        name="accepted_cover_is_watched",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO enrollment_coverwatch (household_id, followed_on, next_on, warn_for, facts_id)\n    SELECT n.household_id, min(n.since), min(n.since), NULL, 0 FROM new_rows n JOIN old_rows o ON o.id = n.id AND NOT (o.status IN ('active', 'in_review', 'suspended')) WHERE n.program IN ('amo_tadamon', 'amo_achamil') AND n.status IN ('active', 'in_review', 'suspended')\n    GROUP BY n.household_id ORDER BY n.household_id\n    ON CONFLICT (household_id) DO UPDATE SET next_on = LEAST(enrollment_coverwatch.next_on, EXCLUDED.next_on);\n    RETURN NULL;\n",
                            hash="1fad52ea19e820b92ca3c7dd9ba6ce0780c05954",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_accepted_cover_is_watched_9f359",
                            referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                            table="enrollment_enrollment",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddField(
                    model_name="forewarning",
                    name="household",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="forewarnings", to="households.household"
                    ),
                ),
                migrations.AddField(
                    model_name="forewarning",
                    name="member",
                    field=models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="households.member"
                    ),
                ),
                migrations.AddIndex(
                    model_name="forewarning",
                    index=models.Index(condition=models.Q(("lapsed_on__isnull", True)), fields=["on_day", "id"], name="forewarning_coming"),
                ),
                migrations.AddConstraint(
                    model_name="forewarning",
                    constraint=models.UniqueConstraint(fields=("idcs", "what", "on_day"), name="forewarned_once"),
                ),
            ]
        )
    ]
