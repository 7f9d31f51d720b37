"""What was compared, in words: why two people look like one, or do not."""

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from rsu import numerals

SENTENCES = {
    ("names", "crossed"): _("prénom et nom échangés"),
    ("last", "same"): _("même nom de famille"),
    ("last", "spelled"): _("même nom de famille, écrit autrement"),
    ("last", "one_letter"): _("même nom de famille à une lettre près"),
    ("last", "two_letters"): _("même nom de famille à deux lettres près"),
    ("last", "other"): _("noms de famille différents"),
    ("first", "same"): _("même prénom"),
    ("first", "spelled"): _("même prénom, écrit autrement"),
    ("first", "one_letter"): _("même prénom à une lettre près"),
    ("first", "two_letters"): _("même prénom à deux lettres près"),
    ("first", "other"): _("prénoms différents"),
    ("birth", "same"): _("même date de naissance"),
    ("birth", "year"): _("même année de naissance, le jour n’étant pas connu des deux côtés"),
    ("birth", "swapped"): _("jour et mois de naissance inversés"),
    ("birth", "same_month"): _("naissance le même mois, un autre jour"),
    ("birth", "anniversary"): _("naissance le même jour, une autre année"),
    ("birth", "other"): _("dates de naissance différentes"),
    ("sex", "same"): _("même sexe"),
    ("sex", "other"): _("sexes différents"),
    ("commune", "same"): _("même commune"),
    ("commune", "other"): _("communes différentes"),
    ("phone", "same"): _("même téléphone"),
    ("phone", "other"): _("téléphones différents"),
    ("address", "same"): _("même adresse"),
    ("address", "other"): _("adresses différentes"),
    ("cin", "same"): _("même numéro de CIN"),
    ("cin", "other"): _("numéros de CIN différents"),
    ("mother", "same"): _("mère du même nom"),
    ("mother", "one_letter"): _("mère du même nom à une lettre près"),
    ("mother", "two_letters"): _("mère du même nom à deux lettres près"),
    ("mother", "other"): _("mères de noms différents"),
    ("father", "same"): _("père du même nom"),
    ("father", "one_letter"): _("père du même nom à une lettre près"),
    ("father", "two_letters"): _("père du même nom à deux lettres près"),
    ("father", "other"): _("pères de noms différents"),
}
"""By thing compared and level; an agreement is worded by what is the same, a disagreement by what is not."""

STRONG, FAIR = 600, 200
"""Weights, in hundredths, from which an agreement is said to count much, or to count; a manner of speaking, not a rule."""


def sentence(field: str, level: str) -> str:
    return str(SENTENCES[field, level])


def bearers(count: int | None) -> str:
    """How common what agrees is."""
    if not count:
        return ""
    return ngettext("%(n)s personne du registre l’a", "%(n)s personnes du registre l’ont", count) % {"n": numerals.grouped(count)}


def force(weight: int) -> str:
    if weight < 0:
        return gettext("parle contre")
    if weight >= STRONG:
        return gettext("compte beaucoup")
    return gettext("compte") if weight >= FAIR else gettext("compte peu")
