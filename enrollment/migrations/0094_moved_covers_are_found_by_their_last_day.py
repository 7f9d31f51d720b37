from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0093_what_was_never_announced_stays_so")]
    operations = [
        migrations.AddIndex(model_name="migratedcover", index=models.Index(fields=["until"], name="migrated_cover_until")),
        migrations.AddIndex(
            model_name="migratedmove",
            index=models.Index(fields=["id"], condition=models.Q(("after", "ended")), name="migrated_move_ended"),
        ),
    ]
