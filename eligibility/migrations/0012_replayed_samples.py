"""What the nightly replay found."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("eligibility", "0011_held_losses_and_grace"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name='ReplayedSample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('checked', models.IntegerField()),
                ('mismatches', models.JSONField(default=list, help_text='[{determination, household, sentence}]')),
                ('replayed_at', models.DateTimeField(auto_now_add=True)),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('reason', models.TextField(blank=True)),
            ],
            options={
                'verbose_name': 'échantillon rejoué',
                'verbose_name_plural': 'échantillons rejoués',
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='replayedsample',
            name='acknowledged_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
    ]
