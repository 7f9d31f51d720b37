import datetime
import django.contrib.postgres.constraints
import django.db.models.deletion
import households.models.periods
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("households", "0051_contradictions_are_escalated"),
    ]

    operations = [
        # Equality beside overlap in one index; enrollment asks for the same extension.
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS btree_gist", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='MonthsToReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateField(help_text='the first month, as its first day')),
                ('noted_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': 'mois à revoir',
                'verbose_name_plural': 'mois à revoir',
                'ordering': ['household'],
            },
        ),
        migrations.CreateModel(
            name='PeriodStatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('idcs', models.CharField(max_length=10)),
                ('kind', models.CharField(choices=[('cover', 'couverture maladie'), ('allowances', 'allocations familiales d’un autre régime'), ('schooling', 'scolarité'), ('disability', 'attestation de handicap')], max_length=10)),
                ('value', models.CharField(max_length=20)),
                ('details', models.JSONField(default=dict)),
                ('since', models.DateField()),
                ('until', models.DateField(default=datetime.date(9999, 12, 31))),
                ('as_of', models.DateField()),
            ],
            options={
                'verbose_name': 'période dite par un partenaire',
                'verbose_name_plural': 'périodes dites par un partenaire',
                'ordering': ['idcs', 'kind', 'since', 'id'],
            },
        ),
        migrations.CreateModel(
            name='VerifiedPeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('idcs', models.CharField(max_length=10)),
                ('kind', models.CharField(choices=[('cover', 'couverture maladie'), ('allowances', 'allocations familiales d’un autre régime'), ('schooling', 'scolarité'), ('disability', 'attestation de handicap')], max_length=10)),
                ('value', models.CharField(max_length=20)),
                ('details', models.JSONField(default=dict)),
                ('since', models.DateField()),
                ('until', models.DateField(default=datetime.date(9999, 12, 31))),
                ('as_of', models.DateField()),
                ('implied', models.BooleanField(default=False)),
                ('held', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name': 'période vérifiée',
                'verbose_name_plural': 'périodes vérifiées',
                'ordering': ['idcs', 'kind', 'agency', 'since'],
            },
        ),
        migrations.AddField(
            model_name='monthstoreview',
            name='household',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='months_to_review', to='households.household'),
        ),
        migrations.AddField(
            model_name='monthstoreview',
            name='importing',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='households.import'),
        ),
        migrations.AddField(
            model_name='periodstatement',
            name='agency',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rsu.agency'),
        ),
        migrations.AddField(
            model_name='periodstatement',
            name='importing',
            field=models.ForeignKey(help_text='the delivery that said it last', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='households.import'),
        ),
        migrations.AddField(
            model_name='verifiedperiod',
            name='agency',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rsu.agency'),
        ),
        migrations.AddConstraint(
            model_name='monthstoreview',
            constraint=models.CheckConstraint(condition=models.Q(('since__day', 1)), name='months_to_review_from_a_first'),
        ),
        migrations.AddConstraint(
            model_name='periodstatement',
            constraint=models.UniqueConstraint(fields=('idcs', 'kind', 'agency', 'since', 'until', 'value', 'details'), name='period_statement_once'),
        ),
        migrations.AddConstraint(
            model_name='periodstatement',
            constraint=models.CheckConstraint(condition=models.Q(('since__lt', models.F('until'))), name='period_statement_forward'),
        ),
        migrations.AddIndex(
            model_name='verifiedperiod',
            index=models.Index(fields=['idcs', 'kind', 'since'], name='verified_period_of_person'),
        ),
        migrations.AddConstraint(
            model_name='verifiedperiod',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('idcs', '='), ('kind', '='), ('agency', '='), (households.models.periods.Days('since', 'until'), '&&')], name='verified_period_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='verifiedperiod',
            constraint=models.CheckConstraint(condition=models.Q(('since__lt', models.F('until'))), name='verified_period_forward'),
        ),
    ]
