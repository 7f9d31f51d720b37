from django.db import migrations


class Migration(migrations.Migration):
    """Covers opened before their household was watched: it is read the first night, from the day they opened."""

    dependencies = [
        ("enrollment", "0011_achamil_and_other_schemes"),
    ]

    operations = [
        migrations.RunSQL(
            """
            INSERT INTO enrollment_coverwatch (household_id, followed_on, next_on, warn_for, facts_id)
            SELECT household_id, max(greatest(since, decided_at::date)), min(since), NULL, 0 FROM enrollment_enrollment
            WHERE program IN ('amo_tadamon', 'amo_achamil') AND status IN ('active', 'in_review', 'suspended')
            GROUP BY household_id ON CONFLICT (household_id) DO NOTHING
            """,
            migrations.RunSQL.noop,
        ),
    ]
