"""Families, their requests, files received and what partners verified: every table as it stands, by subject in `whole`."""

from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations

from rsu.whole_tables import WholeTables

from .whole import (
    changes_by_day,
    drafts,
    duplicate_work_tables,
    duplicates,
    evidence,
    fold_of_names,
    history,
    imports,
    names,
    people,
    periods,
    requests,
    verifications,
    words_of_people,
)


class Migration(migrations.Migration):
    initial = True
    # What the last of the earlier migrations left is the same: a database they made goes on from here.
    replaces = [("households", "0052_verified_periods")]
    dependencies = [
        # Others' many small changes are made before ours: each redraws in memory every model there is.
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("rsu", "0001_accounts_places_and_journal"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        BtreeGistExtension(),
        *fold_of_names.FUNCTIONS,
        WholeTables(
            [
                *people.TABLES,
                *history.TABLES,
                *names.TABLES,
                *requests.TABLES,
                *drafts.TABLES,
                *evidence.TABLES,
                *imports.TABLES,
                *verifications.TABLES,
                *periods.TABLES,
                *duplicates.TABLES,
            ]
        ),
        *words_of_people.COLUMN,
        *changes_by_day.INDEX,
        *duplicate_work_tables.WORK_TABLES,
    ]
