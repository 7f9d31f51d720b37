import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('eligibility', '0014_notices'),
        ('enrollment', '0021_covered_in_one_table'),
        ('households', '0019_words_of_the_kinds_of_requests'),
        ('rsu', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='allowance',
            name='amounts',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list, size=None),
        ),
        migrations.AddField(
            model_name='allowance',
            name='commune',
            field=models.ForeignKey(db_constraint=False, db_index=False, help_text='where the household lived', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rsu.commune'),
        ),
        migrations.AddField(
            model_name='allowance',
            name='kinds',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=19), default=list, size=None),
        ),
        migrations.AddField(
            model_name='allowance',
            name='members',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(null=True), default=list, size=None),
        ),
        migrations.AddField(
            model_name='allowance',
            name='months',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.DateField(null=True), help_text='the month gone by that a line belongs to', null=True, size=None),
        ),
        migrations.AddField(
            model_name='allowance',
            name='provision',
            field=models.ForeignKey(db_constraint=False, db_index=False, help_text="of the month's amounts", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='eligibility.provision'),
        ),
        migrations.AddField(
            model_name='allowance',
            name='provisions',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(null=True), help_text='of a line that comes from another provision', null=True, size=None),
        ),
        migrations.AddField(
            model_name='allowance',
            name='ranks',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(null=True), default=list, size=None),
        ),
        migrations.AlterField(
            model_name='allowance',
            name='amount',
            field=models.IntegerField(help_text='centimes: the sum of its lines'),
        ),
        migrations.AlterField(
            model_name='allowance',
            name='enrollment',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='allowances', to='enrollment.enrollment'),
        ),
        migrations.AlterField(
            model_name='allowance',
            name='household',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='allowances', to='households.household'),
        ),
        migrations.AlterField(
            model_name='allowance',
            name='payee',
            field=models.ForeignKey(db_constraint=False, db_index=False, help_text='who receives it', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='households.member'),
        ),
        migrations.AddIndex(
            model_name='allowance',
            index=django.contrib.postgres.indexes.BrinIndex(fields=['month'], name='allowance_by_month', pages_per_range=32),
        ),
    ]
