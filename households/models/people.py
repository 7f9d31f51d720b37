"""Household and Member: today's answers are mutable, what they replace is kept by trigger."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rsu.models import Commune, Milieu

from .. import answers
from .names import names_are_spelled


def keeps_what_it_replaces(**options):
    """Statement-level history: one extra insert an UPDATE or DELETE, none for a bulk load."""
    return pghistory.track(
        pghistory.UpdateEvent("replaced", row=pghistory.Old, level=pghistory.Statement),
        pghistory.DeleteEvent("removed", row=pghistory.Old, level=pghistory.Statement),
        append_only=True,
        **options,
    )


class Bills(ArrayField):
    """Three months in centimes, oldest first; a month not given is NULL inside; `{}` = no bill; NULL = not asked."""

    def __init__(self, **kwargs):
        kwargs |= {"base_field": models.IntegerField(null=True), "size": 3, "null": True, "blank": True}
        super().__init__(**kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        for key in ("base_field", "size", "null", "blank"):
            kwargs.pop(key, None)
        return name, path, args, kwargs


@keeps_what_it_replaces(exclude=["due_since"])
class Household(models.Model):
    """One registration: where it lives and what it answered; a question its milieu does not ask is NULL."""

    code = models.CharField(max_length=11, unique=True, help_text="ten digits and a check digit, shown XXXXXXXXXX-Y")
    commune = models.ForeignKey(Commune, models.PROTECT, related_name="households")
    milieu = models.CharField(max_length=5, choices=Milieu)
    inside_center = models.BooleanField(null=True, blank=True)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=10, blank=True)
    synthetic = models.BooleanField(default=False, help_text="an invented family, marked on every page")
    registered_on = models.DateField()
    struck_off_on = models.DateField(null=True, blank=True, help_text="first day on which the household is no longer registered")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="absorbed")
    due_since = models.DateTimeField(null=True, blank=True, help_text="answers changed and no assessment has read them yet")

    dwelling_type = models.CharField(max_length=20, choices=answers.DwellingType, null=True, blank=True)
    rooms = models.SmallIntegerField(null=True, blank=True)
    bath = models.BooleanField(null=True, blank=True)
    electricity_meter = models.CharField(max_length=6, choices=answers.Meter, null=True, blank=True)
    electricity_bills = Bills()
    water_bills = Bills()
    water_in_electricity = models.BooleanField(default=False)
    butane_month = models.IntegerField(null=True, blank=True, help_text="centimes")
    telecom_bills = Bills()
    computer = models.BooleanField(null=True, blank=True)
    dish = models.BooleanField(null=True, blank=True)
    landline = models.BooleanField(null=True, blank=True)
    mobile_phones = models.SmallIntegerField(null=True, blank=True)
    cars = models.SmallIntegerField(null=True, blank=True)
    motorcycles = models.SmallIntegerField(null=True, blank=True)
    loan = models.BooleanField(null=True, blank=True)
    second_home = models.BooleanField(null=True, blank=True)
    garage = models.BooleanField(null=True, blank=True)
    premises = models.BooleanField(null=True, blank=True)
    land = models.BooleanField(null=True, blank=True, help_text="non-agricultural")
    irrigated_land = models.BooleanField(null=True, blank=True)
    cows = models.SmallIntegerField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("ménage"), _("ménages")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["due_since", "id"], name="household_due", condition=Q(due_since__isnull=False)),
            models.Index(fields=["-registered_on", "-id"], name="household_latest"),
            models.Index(fields=["phone"], name="household_phone", condition=~Q(phone="")),
            models.Index(fields=["id"], name="household_struck_off", condition=Q(struck_off_on__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(name="household_code_digits", condition=Q(code__regex=r"^[0-9]{11}$")),
            models.CheckConstraint(name="household_merged_is_struck_off", condition=Q(merged_into=None) | Q(struck_off_on__isnull=False)),
            models.CheckConstraint(name="household_not_merged_into_itself", condition=Q(merged_into=None) | ~Q(merged_into=F("id"))),
            models.CheckConstraint(
                name="household_counts_not_negative",
                condition=Q(rooms__gte=0)
                & Q(butane_month__gte=0)
                & Q(mobile_phones__gte=0)
                & Q(cars__gte=0)
                & Q(motorcycles__gte=0)
                & Q(cows__gte=0),
            ),
        ]

    def __str__(self):
        return self.shown_code

    @property
    def shown_code(self) -> str:
        return f"{self.code[:10]}-{self.code[10:]}"


@keeps_what_it_replaces()
class Member(models.Model):
    """A person who usually lives in the dwelling and shares its spending.

    The table has one more column, `words`, that the database writes and nothing but a search by name reads.
    """

    household = models.ForeignKey(Household, models.PROTECT, related_name="members")
    position = models.SmallIntegerField(help_text="1 is the first person declared")
    idcs = models.CharField(max_length=10, help_text="the population register's number of this person")
    cin = models.CharField(max_length=10, blank=True)
    first_name_fr = models.CharField(max_length=60)
    last_name_fr = models.CharField(max_length=60)
    first_name_ar = models.CharField(max_length=60, blank=True)
    last_name_ar = models.CharField(max_length=60, blank=True)
    relation = models.CharField(max_length=13, choices=answers.Relation)
    sex = models.CharField(max_length=6, choices=answers.Sex)
    born_on = models.DateField(help_text="unknown parts filled as provision registration.unknown_birth_part says")
    birth_precision = models.CharField(max_length=5, choices=answers.BirthPrecision, default="day")
    nationality = models.CharField(max_length=2, default="ma", help_text="ISO 3166 alpha-2, lower case")
    permit_number = models.CharField(max_length=30, blank=True)
    permit_until = models.DateField(null=True, blank=True)
    marital_status = models.CharField(max_length=8, choices=answers.MaritalStatus)
    spouse = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="wives", help_text="a wife points to her husband"
    )
    mother = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    father = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    father_status = models.CharField(max_length=8, choices=answers.FatherStatus, null=True, blank=True)
    father_died_on = models.DateField(null=True, blank=True)
    charge = models.CharField(max_length=8, choices=answers.Charge, null=True, blank=True)
    charge_document = models.CharField(max_length=60, blank=True)
    schooling = models.CharField(max_length=15, choices=answers.Schooling, null=True, blank=True)
    school_sector = models.CharField(max_length=7, choices=answers.SchoolSector, null=True, blank=True)
    education_level = models.CharField(max_length=15, choices=answers.EducationLevel, null=True, blank=True)
    diploma = models.CharField(max_length=27, choices=answers.Diploma, null=True, blank=True)
    literate = models.BooleanField(null=True, blank=True)
    situation = models.CharField(max_length=17, choices=answers.Situation, null=True, blank=True)
    occupation = models.CharField(max_length=80, blank=True)
    occupation_group = models.CharField(max_length=1, choices=answers.OccupationGroup, null=True, blank=True)
    work_status = models.CharField(max_length=18, choices=answers.WorkStatus, null=True, blank=True)
    paid = models.BooleanField(null=True, blank=True)
    cover = models.CharField(max_length=17, choices=answers.Cover, null=True, blank=True)
    cover_quality = models.CharField(max_length=9, choices=answers.CoverQuality, null=True, blank=True)
    disability = models.CharField(max_length=8, choices=answers.Disability, null=True, blank=True)
    disability_number = models.CharField(max_length=30, blank=True)
    disability_since = models.DateField(null=True, blank=True)
    disability_until = models.DateField(null=True, blank=True)
    other_allowances = models.BooleanField(null=True, blank=True)
    other_allowances_scheme = models.CharField(max_length=60, blank=True)
    other_allowances_since = models.DateField(null=True, blank=True)
    other_allowances_until = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("membre du ménage"), _("membres du ménage")
        ordering = ["household", "position"]
        indexes = [
            models.Index(fields=["born_on"], name="member_born_on"),
            models.Index(fields=["cin"], name="member_cin", condition=~Q(cin="")),
        ]
        triggers = names_are_spelled()
        constraints = [
            models.UniqueConstraint(
                name="member_idcs_once", fields=["idcs"], violation_error_message=_("Cet IDCS est déjà enregistré dans un ménage.")
            ),
            models.UniqueConstraint(name="member_one_head", fields=["household"], condition=Q(relation="head")),
            models.UniqueConstraint(name="member_position_once", fields=["household", "position"]),
            models.CheckConstraint(name="member_idcs_pattern", condition=Q(idcs__regex=r"^[2-9][0-9]{9}$")),
            models.CheckConstraint(name="member_not_own_spouse", condition=Q(spouse__isnull=True) | ~Q(spouse=F("id"))),
            models.CheckConstraint(
                name="member_not_own_parent",
                condition=(Q(mother__isnull=True) | ~Q(mother=F("id"))) & (Q(father__isnull=True) | ~Q(father=F("id"))),
            ),
            models.CheckConstraint(
                name="member_occupation_only_if_employed",
                condition=Q(situation="employed") | Q(occupation_group__isnull=True, work_status__isnull=True),
            ),
        ]

    def __str__(self):
        return self.name_fr

    @property
    def name_fr(self) -> str:
        return f"{self.first_name_fr} {self.last_name_fr}"

    @property
    def name_ar(self) -> str:
        """Both names, or else the Latin ones: a family name alone would make one person of two children."""
        return f"{self.first_name_ar} {self.last_name_ar}" if self.first_name_ar and self.last_name_ar else self.name_fr
