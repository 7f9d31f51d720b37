"""Covers, aid and its payment, decisions, messages and appeals: every table as it stands, by subject in `whole`."""

from django.conf import settings
from django.db import migrations

from rsu.whole_tables import WholeTables

from .whole import (
    achamil,
    aid,
    appeals,
    batches,
    budget,
    cover,
    directions,
    floor_of_notices,
    following,
    lines_of_a_month,
    messages,
    months,
    payment_files,
    payments,
    ramed,
)


class Migration(migrations.Migration):
    initial = True
    # What the last of the earlier migrations left is the same: a database they made goes on from here.
    replaces = [("enrollment", "0090_months_know_when_they_were_read")]
    dependencies = [
        ("eligibility", "0001_law_scores_and_rights"),
        ("households", "0001_families_requests_and_imports"),
        ("rsu", "0001_accounts_places_and_journal"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        WholeTables(
            [
                *cover.TABLES,
                *following.TABLES,
                *achamil.TABLES,
                *directions.TABLES,
                *ramed.TABLES,
                *aid.TABLES,
                *months.TABLES,
                *payments.TABLES,
                *payment_files.TABLES,
                *batches.TABLES,
                *messages.TABLES,
                *appeals.TABLES,
                *budget.TABLES,
            ]
        ),
        *lines_of_a_month.VIEW,
        *floor_of_notices.FLOOR,
    ]
