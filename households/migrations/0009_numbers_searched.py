"""A telephone and an identity card are searched by their exact number."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("households", "0008_known_words")]

    operations = [
        migrations.AddIndex(
            model_name='household',
            index=models.Index(condition=models.Q(('phone', ''), _negated=True), fields=['phone'], name='household_phone'),
        ),
        migrations.AddIndex(
            model_name='member',
            index=models.Index(condition=models.Q(('cin', ''), _negated=True), fields=['cin'], name='member_cin'),
        ),
    ]
