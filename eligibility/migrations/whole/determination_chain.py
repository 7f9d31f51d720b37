"""Each period of a chain starts where the one before ended: a foreign key from `previous_until` to that row's `until`."""

from django.db import migrations

CHAIN = [
    migrations.RunSQL(
        """
        ALTER TABLE eligibility_determination ADD CONSTRAINT determination_follows_the_one_before
            FOREIGN KEY (household_id, program, previous_until)
            REFERENCES eligibility_determination (household_id, program, until)
            DEFERRABLE INITIALLY DEFERRED
        """,
        "ALTER TABLE eligibility_determination DROP CONSTRAINT determination_follows_the_one_before",
    )
]
