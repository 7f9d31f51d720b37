"""Losses that wait for verification, and the days a lost right runs on."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("eligibility", "0010_rehearsals"), migrations.swappable_dependency(settings.AUTH_USER_MODEL), ("households", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name='HeldLoss',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('program', models.CharField(choices=[('amo_tadamon', 'AMO-TADAMON'), ('direct_aid', 'aide sociale directe')], max_length=11)),
                ('on', models.DateField(help_text='the day the score crossed the line')),
                ('score', models.BigIntegerField()),
                ('facts_id', models.BigIntegerField()),
                ('held_at', models.DateTimeField()),
                ('outcome', models.CharField(blank=True, choices=[('confirmed', 'perte confirmée'), ('lifted', 'l’indice a changé')], max_length=9)),
                ('settled_at', models.DateTimeField(null=True)),
                ('reason', models.TextField(blank=True)),
            ],
            options={
                'verbose_name': 'perte à vérifier',
                'verbose_name_plural': 'pertes à vérifier',
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='determination',
            name='grace_until',
            field=models.DateField(help_text='a loss: the right runs on until this day, exclusive', null=True),
        ),
        migrations.AddField(
            model_name='pastdetermination',
            name='grace_until',
            field=models.DateField(help_text='a loss: the right runs on until this day, exclusive', null=True),
        ),
        migrations.AlterField(
            model_name='determination',
            name='reason',
            field=models.CharField(choices=[('declaration', 'déclaration'), ('threshold', 'nouveau seuil'), ('formula', 'nouvelle formule'), ('reading', 'nouvelle lecture des réponses'), ('time', 'passage du temps'), ('load', 'chargement'), ('verified', 'perte vérifiée')], max_length=11),
        ),
        migrations.AlterField(
            model_name='pastdetermination',
            name='reason',
            field=models.CharField(choices=[('declaration', 'déclaration'), ('threshold', 'nouveau seuil'), ('formula', 'nouvelle formule'), ('reading', 'nouvelle lecture des réponses'), ('time', 'passage du temps'), ('load', 'chargement'), ('verified', 'perte vérifiée')], max_length=11),
        ),
        migrations.AddField(
            model_name='heldloss',
            name='formula',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='eligibility.provision'),
        ),
        migrations.AddField(
            model_name='heldloss',
            name='household',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='held_losses', to='households.household'),
        ),
        migrations.AddField(
            model_name='heldloss',
            name='run',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='held_losses', to='eligibility.run'),
        ),
        migrations.AddField(
            model_name='heldloss',
            name='settled_by',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='heldloss',
            name='threshold',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='eligibility.provision'),
        ),
        migrations.AddConstraint(
            model_name='heldloss',
            constraint=models.UniqueConstraint(condition=models.Q(('outcome', '')), fields=('household', 'program'), name='loss_held_once'),
        ),
        migrations.AddConstraint(
            model_name='heldloss',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', ''), ('settled_at', None)), models.Q(models.Q(('outcome', ''), _negated=True), ('settled_at__isnull', False)), _connector='OR'), name='held_loss_settled_whole'),
        ),
    ]
