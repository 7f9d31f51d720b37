from django.db import migrations


class Migration(migrations.Migration):
    """What changed since the first of the month is read from the newest rows alone: a family late read is read as it was."""

    dependencies = [("households", "0019_words_of_the_kinds_of_requests")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX member_event_by_day ON households_memberevent USING brin (pgh_created_at) WITH (pages_per_range = 16, autosummarize = on)",
            "DROP INDEX member_event_by_day",
        )
    ]
