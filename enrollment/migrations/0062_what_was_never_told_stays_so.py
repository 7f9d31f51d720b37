"""Decisions taken before families were written to are not told now: notices begin with the changes that follow."""

from django.db import migrations
from django.db.models import Max


def begin_here(apps, schema_editor):
    last = apps.get_model("enrollment", "EnrollmentMove").objects.aggregate(last=Max("pk"))["last"] or 0
    apps.get_model("enrollment", "ToldFloor").objects.update_or_create(pk=1, defaults={"move_id": last})


def forget(apps, schema_editor):
    apps.get_model("enrollment", "ToldFloor").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0061_notices_and_messages")]
    operations = [migrations.RunPython(begin_here, forget)]
