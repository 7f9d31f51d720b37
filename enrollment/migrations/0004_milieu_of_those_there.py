from django.db import migrations


class Migration(migrations.Migration):
    """Enrollments made before were counted in the milieu of their household, which could not change yet."""

    dependencies = [
        ("enrollment", "0003_counted_by_milieu"),
        ("households", "0002_requests_and_striking_off"),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE enrollment_enrollment e SET milieu = h.milieu FROM households_household h WHERE h.id = e.household_id AND e.milieu = ''",
            migrations.RunSQL.noop,
        ),
    ]
