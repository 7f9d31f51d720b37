"""Whoever is being registered is looked for among those born the same day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("households", "0011_duplicate_work_tables")]
    operations = [migrations.AddIndex(model_name="member", index=models.Index(fields=["born_on"], name="member_born_on"))]
