"""`levenshtein`: how many letters part two names."""

from django.contrib.postgres.operations import CreateExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("households", "0005_duplicate_work_tables")]
    operations = [CreateExtension("fuzzystrmatch")]
