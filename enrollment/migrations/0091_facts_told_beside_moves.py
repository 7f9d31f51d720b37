import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models
from rsu.whole_tables import WholeTables

SOURCES = [
    ("migrated_move", "Migrated"),
    ("forewarning", "Forewarning"),
    ("allowance", "Allowance"),
    ("unpaid", "Unpaid"),
    ("correction", "Correction"),
    ("recovery", "Recovery"),
    ("waiver", "Waiver"),
    ("payment", "Payment"),
    ("appeal_move", "Appeal"),
]


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0001_covers_aid_and_payments")]

    operations = [
        WholeTables(
            [
                migrations.CreateModel(
                    name="ToldFactFloor",
                    fields=[
                        ("source", models.CharField(choices=SOURCES, max_length=13, primary_key=True, serialize=False)),
                        ("upto", models.BigIntegerField(default=0)),
                    ],
                    options={
                        "verbose_name": "dernier fait dit",
                        "verbose_name_plural": "derniers faits dits",
                    },
                ),
                migrations.CreateModel(
                    name="ToldFact",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("source", models.CharField(choices=SOURCES, max_length=13)),
                        ("subject_id", models.BigIntegerField()),
                        (
                            "notice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="facts", to="enrollment.rightnotice"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "fait dit à la famille",
                        "verbose_name_plural": "faits dits aux familles",
                        "constraints": [models.UniqueConstraint(fields=("source", "subject_id"), name="fact_told_once")],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="toldfact",
                    trigger=pgtrigger.compiler.Trigger(
                        name="told_fact_keeps_rows",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="6cbb06615de5417d23a42eda35cca00fa61e57ed",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_told_fact_keeps_rows_00e3d",
                            table="enrollment_toldfact",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="toldfact",
                    trigger=pgtrigger.compiler.Trigger(
                        name="told_fact_keeps_all",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'told_fact is append-only: it cannot be truncated';",
                            hash="6f3627c0f03451869f8d7e3c484f7eadb849ad03",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_told_fact_keeps_all_5978b",
                            table="enrollment_toldfact",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
