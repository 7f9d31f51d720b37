"""A chunk may be a range of ids; a run may be paused, canceled, or be the rehearsal of a formula."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("eligibility", "0005_what_a_right_would_cost")]

    operations = [
        migrations.AddField(
            model_name='run',
            name='digest',
            field=models.CharField(blank=True, help_text='rehearsal: the law it was made under', max_length=64),
        ),
        migrations.AddField(
            model_name='run',
            name='formula_id',
            field=models.BigIntegerField(help_text='rehearsal: the partition it fills', null=True),
        ),
        migrations.AddField(
            model_name='run',
            name='proposal',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rehearsals', to='eligibility.proposal'),
        ),
        migrations.AddField(
            model_name='run',
            name='reason',
            field=models.TextField(blank=True, help_text='why it was paused or canceled'),
        ),
        migrations.AddField(
            model_name='runchunk',
            name='first',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='runchunk',
            name='last',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='runchunk',
            name='size',
            field=models.IntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='run',
            name='kind',
            field=models.CharField(choices=[('threshold', 'nouveau seuil'), ('formula', 'nouvelle formule'), ('rehearsal', 'répétition d’une formule'), ('reading', 'nouvelle lecture des réponses'), ('amounts', 'nouveaux montants'), ('time', 'passage du temps'), ('load', 'chargement')], max_length=9),
        ),
        migrations.AlterField(
            model_name='run',
            name='status',
            field=models.CharField(choices=[('planned', 'prévue'), ('running', 'en cours'), ('paused', 'suspendue'), ('closed', 'close'), ('failed', 'en échec'), ('canceled', 'annulée')], default='planned', max_length=8),
        ),
        migrations.AlterField(
            model_name='runchunk',
            name='households',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), null=True, size=None),
        ),
        migrations.AlterField(
            model_name='runchunk',
            name='status',
            field=models.CharField(choices=[('waiting', 'en attente'), ('claimed', 'pris'), ('done', 'fait'), ('failed', 'en échec'), ('canceled', 'annulé')], default='waiting', max_length=8),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.UniqueConstraint(condition=models.Q(('proposal__isnull', False), ('status__in', ['planned', 'running', 'paused'])), fields=('proposal',), name='rehearsal_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('formula_id__isnull', False), ('kind', 'rehearsal'), ('proposal__isnull', False)), models.Q(models.Q(('kind', 'rehearsal'), _negated=True), ('formula_id', None), ('proposal', None)), _connector='OR'), name='rehearsal_of_a_proposal'),
        ),
        migrations.AddConstraint(
            model_name='runchunk',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('first', None), ('households__isnull', False), ('last', None)), models.Q(('first__isnull', False), ('households', None), ('last__gte', models.F('first'))), _connector='OR'), name='chunk_is_a_list_or_a_range'),
        ),
    ]
