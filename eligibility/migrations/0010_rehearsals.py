"""What a rehearsed formula would change."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("eligibility", "0009_count_again"), migrations.swappable_dependency(settings.AUTH_USER_MODEL), ("households", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name='LosingFamily',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('program', models.CharField(choices=[('amo_tadamon', 'AMO-TADAMON'), ('direct_aid', 'aide sociale directe')], max_length=11)),
                ('facts_id', models.BigIntegerField()),
                ('before', models.BigIntegerField(help_text='score under the formula in force')),
                ('after', models.BigIntegerField(help_text='score under the rehearsed formula')),
            ],
            options={
                'verbose_name': 'famille perdante',
                'verbose_name_plural': 'familles perdantes',
                'ordering': ['run', 'program', 'household'],
            },
        ),
        migrations.CreateModel(
            name='Transition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('program', models.CharField(choices=[('amo_tadamon', 'AMO-TADAMON'), ('direct_aid', 'aide sociale directe')], max_length=11)),
                ('milieu', models.CharField(choices=[('urban', 'urbain'), ('rural', 'rural')], max_length=5)),
                ('size', models.SmallIntegerField(help_text='members, the last class being that many or more')),
                ('head_sex', models.CharField(blank=True, max_length=6)),
                ('before', models.BooleanField()),
                ('after', models.BooleanField()),
                ('households', models.BigIntegerField()),
                ('people', models.BigIntegerField()),
                ('centimes', models.BigIntegerField(help_text='a month')),
            ],
            options={
                'verbose_name': 'passage',
                'verbose_name_plural': 'passages',
            },
        ),
        migrations.AddField(
            model_name='proposal',
            name='without_report',
            field=models.TextField(blank=True, help_text='why it was approved without a fresh rehearsal'),
        ),
        migrations.AddField(
            model_name='losingfamily',
            name='household',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='households.household'),
        ),
        migrations.AddField(
            model_name='losingfamily',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='losing_families', to='eligibility.run'),
        ),
        migrations.AddField(
            model_name='transition',
            name='region',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rsu.region'),
        ),
        migrations.AddField(
            model_name='transition',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='transitions', to='eligibility.run'),
        ),
        migrations.AddIndex(
            model_name='transition',
            index=models.Index(fields=['run', 'program'], name='transition_of_run'),
        ),
    ]
