"""Chunks planned before say how many households they hold."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("eligibility", "0006_runs_by_range")]

    operations = [
        migrations.RunSQL(
            "UPDATE eligibility_runchunk SET size = cardinality(households) WHERE households IS NOT NULL", migrations.RunSQL.noop
        ),
    ]
