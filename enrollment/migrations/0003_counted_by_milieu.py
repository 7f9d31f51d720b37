from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0002_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="enrollment",
            name="milieu",
            field=models.CharField(
                choices=[("urban", "urbain"), ("rural", "rural")], default="", help_text="in which it is counted", max_length=5
            ),
            preserve_default=False,
        ),
    ]
