"""What a month of each program would cost stands beside the facts of each household."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("eligibility", "0004_determination_chain")]

    operations = [
        migrations.AddField(
            model_name='facts',
            name='children',
            field=models.CharField(help_text='a letter a child that direct aid counts (eligibility.prices)', max_length=60, null=True),
        ),
        migrations.AddField(
            model_name='facts',
            name='head_sex',
            field=models.CharField(max_length=6, null=True),
        ),
        migrations.AddField(
            model_name='facts',
            name='insured',
            field=models.SmallIntegerField(help_text='persons AMO-TADAMON would insure in their own name, estimated', null=True),
        ),
        migrations.AddField(
            model_name='pastfacts',
            name='children',
            field=models.CharField(help_text='a letter a child that direct aid counts (eligibility.prices)', max_length=60, null=True),
        ),
        migrations.AddField(
            model_name='pastfacts',
            name='head_sex',
            field=models.CharField(max_length=6, null=True),
        ),
        migrations.AddField(
            model_name='pastfacts',
            name='insured',
            field=models.SmallIntegerField(help_text='persons AMO-TADAMON would insure in their own name, estimated', null=True),
        ),
    ]
