"""What happened before families were told of it is not told now: moved covers that ended, corrections, answers to appeals, months
written. What still asks something of a family is: a place about to be lost, a payment that came back, a recovery."""

from django.db import migrations
from django.db.models import Max

SOURCES = {
    "migrated_move": "MigratedMove",
    "correction": "Correction",
    "appeal_move": "AppealMove",
    "allowance": "Allowance",
    "unpaid": "MonthChunk",
}


def begin_here(apps, schema_editor):
    floors = apps.get_model("enrollment", "ToldFactFloor")
    for source, model in SOURCES.items():
        last = apps.get_model("enrollment", model).objects.aggregate(last=Max("pk"))["last"] or 0
        floors.objects.update_or_create(source=source, defaults={"upto": last})


def forget(apps, schema_editor):
    apps.get_model("enrollment", "ToldFactFloor").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0092_notices_of_other_facts")]
    operations = [migrations.RunPython(begin_here, forget)]
