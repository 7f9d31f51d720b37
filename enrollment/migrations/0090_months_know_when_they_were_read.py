from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0081_nights_look_at_verified_covers")]

    operations = [
        migrations.AddField(
            model_name="allowance",
            name="read_at",
            field=models.DateTimeField(help_text="the instant the family was read as of, when that was not the present one", null=True),
        ),
    ]
