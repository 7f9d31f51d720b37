"""What a search by name reads of a person: the database computes it from the names, whoever writes the row and however.

A column that the models do not have: no page reads it, and it would come along with every member read.
"""

from django.db import migrations

COLUMN = [
    migrations.RunSQL(
        "ALTER TABLE households_member ADD COLUMN words text[] NOT NULL"
        " GENERATED ALWAYS AS (rsu_name_words(first_name_fr, last_name_fr, first_name_ar, last_name_ar)) STORED",
        "ALTER TABLE households_member DROP COLUMN words",
    ),
    # Without fastupdate: a list still to be merged would be read whole by every search.
    migrations.RunSQL(
        "CREATE INDEX member_words ON households_member USING gin (words) WITH (fastupdate = off)", "DROP INDEX member_words"
    ),
]
