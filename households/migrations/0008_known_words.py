"""The words of the people registered before there were spellings."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("households", "0007_spellings")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO households_spelling (word) SELECT DISTINCT unnest(words) FROM households_member",
            "DELETE FROM households_spelling",
        )
    ]
