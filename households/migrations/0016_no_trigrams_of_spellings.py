"""Names are found by their folds, one slip away included: nothing asks for trigrams, and each new word paid for them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("households", "0015_undone_once")]

    operations = [migrations.RemoveIndex(model_name="spelling", name="spelling_near")]
