"""What one search for duplicates works on: written again by each, so kept out of the write-ahead log."""

from django.db import migrations

CREATE = """
CREATE UNLOGGED TABLE households_duplicateperson (
    member_id bigint NOT NULL, household_id bigint NOT NULL, commune_id integer NOT NULL, phone text NOT NULL, cin text NOT NULL,
    sex text NOT NULL, born_on date NOT NULL, precise boolean NOT NULL, first text NOT NULL, last text NOT NULL,
    first_sound text NOT NULL, last_sound text NOT NULL, first_fold text NOT NULL, last_fold text NOT NULL,
    mother text NOT NULL, father text NOT NULL,
    same_last bigint NOT NULL, same_first bigint NOT NULL, spelled_last bigint NOT NULL, spelled_first bigint NOT NULL,
    same_birth bigint NOT NULL, same_year bigint NOT NULL, same_commune bigint NOT NULL, same_phone bigint NOT NULL,
    same_mother bigint NOT NULL, same_father bigint NOT NULL
);
CREATE UNLOGGED TABLE households_duplicatekey (
    kind smallint NOT NULL, slice smallint NOT NULL, key bigint NOT NULL, member_id bigint NOT NULL
);
CREATE UNLOGGED TABLE households_duplicatealike (
    member_low bigint NOT NULL, member_high bigint NOT NULL, household_low bigint NOT NULL, household_high bigint NOT NULL,
    probability integer NOT NULL, evidence jsonb NOT NULL, fingerprint text NOT NULL,
    PRIMARY KEY (member_low, member_high)
);
"""
DROP = "DROP TABLE households_duplicateperson, households_duplicatekey, households_duplicatealike;"

WORK_TABLES = [migrations.RunSQL(CREATE, DROP)]
