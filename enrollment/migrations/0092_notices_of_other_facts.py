from django.db import migrations, models

DEEDS = [
    ("opened", "droit ouvert"),
    ("kept", "droit maintenu"),
    ("reviewed", "droit à l’examen"),
    ("suspended", "droit suspendu"),
    ("resumed", "droit repris"),
    ("ended", "fin du droit"),
    ("refused", "droit refusé"),
    ("warned", "préavis"),
    ("amount", "montant changé"),
    ("unpaid", "mois non versé"),
    ("corrected", "mois corrigé"),
    ("recovery", "décision sur un trop-perçu"),
    ("returned", "versement rejeté"),
    ("answered", "réponse à un recours"),
]
PROGRAMS = [("amo_tadamon", "AMO-TADAMON"), ("amo_achamil", "AMO ACHAMIL"), ("direct_aid", "aide sociale directe")]
STATES = [
    ("queued", "en attente"),
    ("sending", "en envoi"),
    ("sent", "parti"),
    ("delivered", "reçu"),
    ("failed", "échec après le dernier essai"),
    ("undeliverable", "adresse refusée"),
    ("doubtful", "départ incertain"),
    ("withdrawn", "retiré avant de partir"),
]


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0091_facts_told_beside_moves")]

    operations = [
        migrations.AddField(
            model_name="rightnotice",
            name="withdrawn_on",
            field=models.DateField(help_text="of a forewarning: what it announced will not come", null=True),
        ),
        migrations.AlterField(model_name="rightnotice", name="deed", field=models.CharField(choices=DEEDS, max_length=9)),
        migrations.AlterField(
            model_name="rightnotice",
            name="program",
            field=models.CharField(blank=True, choices=PROGRAMS, help_text="empty: an answer about the score itself", max_length=11),
        ),
        migrations.AlterField(
            model_name="message", name="status", field=models.CharField(choices=STATES, default="queued", max_length=13)
        ),
        migrations.AddConstraint(
            model_name="rightnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(("withdrawn_on", None), ("deed", "warned"), _connector="OR"),
                name="right_notice_only_a_forewarning_is_withdrawn",
            ),
        ),
        migrations.AddIndex(
            model_name="overpayment",
            index=models.Index(condition=models.Q(("state__in", ["recovering", "waived"])), fields=["id"], name="overpayment_decided"),
        ),
    ]
