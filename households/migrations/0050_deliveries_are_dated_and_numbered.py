from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("households", "0030_changes_are_found_by_their_day"),
        ("rsu", "0050_agencies_say_what_they_deliver"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='import',
            name='import_file_once_by_sender',
        ),
        migrations.RemoveConstraint(
            model_name='import',
            name='import_of_a_partner_names_it',
        ),
        migrations.AddField(
            model_name='import',
            name='as_of',
            field=models.DateField(help_text="the day a delivery's data were true; NULL when each row says its own", null=True),
        ),
        migrations.AddField(
            model_name='import',
            name='number',
            field=models.IntegerField(help_text='of a delivery, among those of its agency and kind, from 1', null=True),
        ),
        migrations.AddField(
            model_name='import',
            name='token',
            field=models.UUIDField(help_text="the sender's own mark: sent twice, it is one delivery", null=True),
        ),
        migrations.AlterField(
            model_name='import',
            name='kind',
            field=models.CharField(choices=[('households', 'ménages à enregistrer'), ('cover', 'couvertures vérifiées par un partenaire'), ('allowances', 'allocations familiales d’autres régimes'), ('schooling', 'inscriptions scolaires'), ('disability', 'attestations de handicap'), ('births', 'naissances'), ('deaths', 'décès'), ('marriages', 'mariages et divorces')], max_length=10),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.UniqueConstraint(fields=('by', 'kind', 'digest', 'agency', 'as_of'), name='import_file_once_by_sender', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.UniqueConstraint(fields=('agency', 'kind', 'number'), name='import_number_once'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.UniqueConstraint(fields=('by', 'token'), name='import_token_once'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'households'), _negated=True), ('agency', None), _connector='XOR'), name='import_of_a_partner_names_it'),
        ),
    ]
