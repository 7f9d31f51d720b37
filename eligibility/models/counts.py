"""Counts kept by delta rows: written with the change, summed by the reader, folded in the background."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from rsu.models import Commune, Milieu, Province

from .law import Program


class Tally(models.Model):
    """Counts by commune kept by delta rows: written with the change, summed by the reader, folded in the background.

    `registered`: households read. `entitled`: those whose score gives the program. `enrolled`: by program; people are persons
    covered (AMO) or members of the household (direct aid).
    """

    class Measure(models.TextChoices):
        REGISTERED = "registered", _("enregistrés")
        ENTITLED = "entitled", _("sous le seuil")
        ENROLLED = "enrolled", _("inscrits")

    measure = models.CharField(max_length=10, choices=Measure)
    program = models.CharField(max_length=11, choices=Program, blank=True)
    commune = models.ForeignKey(Commune, models.DO_NOTHING, db_constraint=False, related_name="+")
    milieu = models.CharField(max_length=5, choices=Milieu)
    households = models.BigIntegerField()
    people = models.BigIntegerField()

    class Meta:
        verbose_name, verbose_name_plural = _("décompte"), _("décomptes")
        indexes = [models.Index(fields=["measure", "program", "commune"], name="tally_measure")]

    def __str__(self):
        return f"{self.measure} {self.households:+d}"


class ScoreTally(models.Model):
    """The curve: who stands in each hundredth of score under a formula, and what a month of each program would cost for them.

    Delta rows like Tally's. `bucket` is score // 100,000; `aid` is centimes of direct aid a month under the amounts in force,
    `insured` the persons AMO-TADAMON would insure, whether or not their score is under a line.
    """

    formula_id = models.BigIntegerField(help_text="a provision, or the number kept for one that is rehearsed")
    province = models.ForeignKey(Province, models.DO_NOTHING, db_constraint=False, related_name="+")
    milieu = models.CharField(max_length=5, choices=Milieu)
    bucket = models.IntegerField()
    households = models.BigIntegerField()
    people = models.BigIntegerField()
    aid = models.BigIntegerField()
    insured = models.BigIntegerField()

    class Meta:
        verbose_name, verbose_name_plural = _("décompte des indices"), _("décomptes des indices")
        indexes = [models.Index(fields=["formula_id", "bucket"], name="score_tally_curve")]

    def __str__(self):
        return f"{self.formula_id} {self.bucket} {self.households:+d}"
