from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0098_a_month_may_be_foreseen_again_the_same_day")]
    operations = [
        migrations.AddField(
            model_name="overpayment",
            name="made_up",
            field=models.IntegerField(
                default=0, help_text="of these, centimes found owed after all by a correction: taken back from nobody"
            ),
        ),
        migrations.AddConstraint(
            model_name="overpayment",
            constraint=models.CheckConstraint(
                name="overpayment_made_up_is_recovered",
                condition=models.Q(("made_up__gte", 0), ("made_up__lte", models.F("recovered"))),
            ),
        ),
    ]
