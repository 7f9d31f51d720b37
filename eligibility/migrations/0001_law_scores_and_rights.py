"""The law, what it reads of families, their scores and their rights: every table as it stands, by subject in `whole`."""

from django.conf import settings
from django.db import migrations

from rsu.whole_tables import WholeTables

from .whole import assessment_partitions, counts, determination_chain, law, notices, rights, runs


class Migration(migrations.Migration):
    initial = True
    # What the last of the earlier migrations left is the same: a database they made goes on from here.
    replaces = [("eligibility", "0070_determined_by_an_appeal")]
    dependencies = [
        ("households", "0001_families_requests_and_imports"),
        ("rsu", "0001_accounts_places_and_journal"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        WholeTables([*law.TABLES, *rights.TABLES, *runs.TABLES, *counts.TABLES, *notices.TABLES]),
        *assessment_partitions.PARTITIONS,
        *determination_chain.CHAIN,
    ]
