"""Where notices begin: every move of an enrollment after this one is told to the family. One row, there from the first day."""

from django.db import migrations

FLOOR = [
    migrations.RunSQL("INSERT INTO enrollment_toldfloor (id, move_id) VALUES (1, 0)", "DELETE FROM enrollment_toldfloor"),
]
