"""Current scores live in one partition a formula: a formula run loads a bare partition, approving it switches to it."""

from django.db import migrations

PARTITIONS = [
    migrations.RunSQL(
        """
        CREATE TABLE eligibility_assessment (
            formula_id bigint NOT NULL,
            household_id bigint NOT NULL,
            facts_id bigint NOT NULL,
            score bigint NOT NULL,
            "on" date NOT NULL,
            assessed_at timestamptz NOT NULL,
            CONSTRAINT assessment_once PRIMARY KEY (formula_id, household_id)
        ) PARTITION BY LIST (formula_id);
        CREATE INDEX assessment_by_score ON eligibility_assessment (formula_id, score, household_id);
        """,
        "DROP TABLE eligibility_assessment",
    )
]
