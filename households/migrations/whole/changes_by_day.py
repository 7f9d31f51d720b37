"""What changed since the first of the month is read from the newest rows alone: a family late read is read as it was."""

from django.db import migrations

INDEX = [
    migrations.RunSQL(
        "CREATE INDEX member_event_by_day ON households_memberevent USING brin (pgh_created_at) WITH (pages_per_range = 16, autosummarize = on)",
        "DROP INDEX member_event_by_day",
    )
]
