from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("households", "0050_deliveries_are_dated_and_numbered"),
    ]

    operations = [
        migrations.AddField(
            model_name='answerconflict',
            name='escalated_on',
            field=models.DateField(help_text="when the days ran out with nobody's decision, and the supervisors were called", null=True),
        ),
        migrations.AddIndex(
            model_name="answerconflict",
            index=models.Index(fields=["idcs", "field"], name="conflict_of_person"),
        ),
    ]
