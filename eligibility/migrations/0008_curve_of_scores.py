"""Scores are tallied by province and hundredth in a table of their own; entitled households by commune."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("eligibility", "0007_size_of_chunks"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name='ScoreTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('formula_id', models.BigIntegerField(help_text='a provision, or the number kept for one that is rehearsed')),
                ('milieu', models.CharField(choices=[('urban', 'urbain'), ('rural', 'rural')], max_length=5)),
                ('bucket', models.IntegerField()),
                ('households', models.BigIntegerField()),
                ('people', models.BigIntegerField()),
                ('aid', models.BigIntegerField()),
                ('insured', models.BigIntegerField()),
            ],
            options={
                'verbose_name': 'décompte des indices',
                'verbose_name_plural': 'décomptes des indices',
            },
        ),
        migrations.RemoveField(
            model_name='tally',
            name='bucket',
        ),
        migrations.RemoveField(
            model_name='tally',
            name='centimes',
        ),
        migrations.AlterField(
            model_name='tally',
            name='measure',
            field=models.CharField(choices=[('registered', 'enregistrés'), ('entitled', 'sous le seuil'), ('enrolled', 'inscrits')], max_length=10),
        ),
        migrations.AddField(
            model_name='scoretally',
            name='province',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='rsu.province'),
        ),
        migrations.AddIndex(
            model_name='scoretally',
            index=models.Index(fields=['formula_id', 'bucket'], name='score_tally_curve'),
        ),
    ]
