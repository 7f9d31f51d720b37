"""Occupations as people name them and the group each falls in (national classification of occupations).

The heads of the ten groups are official; the sorting of single occupations is a reading of ours (P15).
"""

from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

GROUPS = {
    "0": (_("élu local"), _("haut fonctionnaire"), _("directeur"), _("gérant de société")),
    "1": (_("médecin"), _("pharmacien"), _("avocat"), _("ingénieur"), _("architecte"), _("notaire"), _("professeur de lycée"),
          _("professeur d’université")),
    "2": (_("instituteur"), _("infirmier"), _("sage-femme"), _("comptable"), _("technicien"), _("sous-officier")),
    "3": (_("gardien"), _("serveur"), _("vendeur en magasin"), _("soldat"), _("coiffeur"), _("employé de maison"), _("secrétaire"),
          _("caissier"), _("moqaddem")),
    "4": (_("épicier"), _("commerçant"), _("grossiste"), _("courtier")),
    "5": (_("agriculteur"), _("éleveur"), _("pêcheur"), _("forestier")),
    "6": (_("maçon"), _("tailleur"), _("couturière"), _("mécanicien"), _("boulanger"), _("tisserande"), _("menuisier"), _("plombier"),
          _("électricien"), _("peintre en bâtiment")),
    "7": (_("ouvrier agricole"), _("berger"), _("marin pêcheur salarié")),
    "8": (_("chauffeur de taxi"), _("chauffeur de camion"), _("conducteur de tracteur"), _("opérateur de machine"),
          _("ouvrière de câblage")),
    "9": (_("vendeur ambulant"), _("manœuvre du bâtiment"), _("porteur"), _("nettoyeur de rue"), _("cireur"), _("gardien de voitures")),
}  # fmt: skip


def group_of(occupation: str) -> str | None:
    """The group of an occupation written as in the list, in the language of the page; None when it is not there."""
    wanted = occupation.strip().casefold()
    return _named(get_language() or "").get(wanted) if wanted else None


@lru_cache(maxsize=8)
def _named(_language: str) -> dict[str, str]:
    """Folded name -> group, in the language of the moment."""
    return {str(name).casefold(): group for group, names in reversed(GROUPS.items()) for name in reversed(names)}


def listed() -> list[tuple[str, str]]:
    """(name, group) sorted by name, for the list offered while typing."""
    return sorted((str(name), group) for group, names in GROUPS.items() for name in names)
