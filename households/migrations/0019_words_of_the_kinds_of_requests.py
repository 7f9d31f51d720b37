from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("households", "0018_people_come_from_another_household"),
    ]

    operations = [
        migrations.AlterField(
            model_name="request",
            name="kind",
            field=models.CharField(
                choices=[
                    ("registration", "enregistrement"),
                    ("update", "mise à jour"),
                    ("score_review", "révision de l’indice"),
                    ("complaint", "réclamation"),
                    ("striking_off", "radiation"),
                ],
                max_length=12,
            ),
        ),
    ]
