from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0097_appeals_of_every_scheme")]
    operations = [
        migrations.AddField(
            model_name="budgetforecast",
            name="again",
            field=models.SmallIntegerField(default=0, help_text="how many times it had been counted that day under the same law"),
        ),
        migrations.RemoveConstraint(model_name="budgetforecast", name="forecast_once_a_day"),
        migrations.AddConstraint(
            model_name="budgetforecast",
            constraint=models.UniqueConstraint(
                name="forecast_once_a_day",
                fields=["month", "made_on", "digest", "again"],
                condition=models.Q(("scenario", None)),
            ),
        ),
    ]
