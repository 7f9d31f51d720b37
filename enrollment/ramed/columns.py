"""The columns of a RAMED file: one row a person, a principal or somebody covered through one.

A heading is a column's own name, or its words in French, in Arabic or in English.
"""

from functools import lru_cache

from django.utils.translation import gettext as _

from households.sheets.columns import Column, in_both

BEYOND = "beyond"
"""Where cells past the last heading are kept."""


@lru_cache(maxsize=1)
def ramed_columns() -> tuple[Column, ...]:
    """Every column, in the order of the model."""
    return (
        Column("card", in_both(lambda: _("Numéro RAMED")), aliases=("RAMED number", "card number", "numéro de carte"), needed=True,
               hint=in_both(lambda: _("De cette personne : 6 à 14 chiffres ou lettres latines."))),
        Column("quality", in_both(lambda: _("Qualité")), needed=True,
               hint=in_both(lambda: _("« principal » ou « ayant droit »."))),
        Column("principal", in_both(lambda: _("Numéro RAMED de l’assuré principal")), aliases=("principal number", "numéro du principal"),
               hint=in_both(lambda: _("Pour un ayant droit ; vide pour un principal."))),
        Column("idcs", in_both(lambda: _("Identifiant civil et social (IDCS)")), aliases=("IDCS", "المعرف الرقمي"), needed=True,
               hint=in_both(lambda: _("Dix chiffres. Sans lui, la personne attend que quelqu’un la reconnaisse."))),
        Column("cin", in_both(lambda: _("Carte nationale (CIN)")), aliases=("CIN", "CNIE"),
               hint=in_both(lambda: _("Facultatif."))),
        Column("last_name_fr", in_both(lambda: _("Nom de famille en caractères latins")), aliases=("last name", "nom"),
               hint=in_both(lambda: _("Les noms dans une écriture au moins."))),
        Column("first_name_fr", in_both(lambda: _("Prénom en caractères latins")), aliases=("first name", "prénom")),
        Column("last_name_ar", in_both(lambda: _("Nom de famille en arabe")), aliases=("arabic last name", "nom arabe")),
        Column("first_name_ar", in_both(lambda: _("Prénom en arabe")), aliases=("arabic first name", "prénom arabe")),
        Column("sex", in_both(lambda: _("Sexe")), aliases=("sex", "gender"), needed=True,
               hint=in_both(lambda: _("« masculin » ou « féminin », ou M, F."))),
        Column("born_on", in_both(lambda: _("Date de naissance")), aliases=("birth date", "né(e) le"), needed=True,
               hint=in_both(lambda: _("Jour/mois/année, ou l’année seule."))),
        Column("relation", in_both(lambda: _("Lien avec l’assuré principal")), aliases=("relation", "lien"),
               hint=in_both(lambda: _("Pour un ayant droit : « conjoint » ou « enfant »."))),
        Column("student", in_both(lambda: _("Poursuit des études supérieures")), aliases=("student", "étudiant"),
               hint=in_both(lambda: _("« oui » ou vide."))),
        Column("disability", in_both(lambda: _("En situation de handicap sévère")), aliases=("disability", "handicap"),
               hint=in_both(lambda: _("« oui » ou vide."))),
        Column("commune", in_both(lambda: _("Commune")), aliases=("commune code", "code commune"),
               hint=in_both(lambda: _("Code ou nom de la commune ou de l’arrondissement ; facultatif."))),
        Column("card_until", in_both(lambda: _("Fin de validité de la carte")), aliases=("card end", "fin de carte"),
               hint=in_both(lambda: _("Dernier jour de la carte ; vide si elle n’en a pas."))),
        Column("synthetic", in_both(lambda: _("Personne inventée")), aliases=("synthetic", "fictif"),
               hint=in_both(lambda: _("« oui » dans les fichiers d’essai."))),
    )  # fmt: skip


@lru_cache(maxsize=1)
def ramed_names() -> dict[str, str]:
    """Folded heading -> column name; a column's own name before anybody's alias."""
    names: dict[str, str] = {}
    for column in ramed_columns():
        for heading in column.known_as():
            names.setdefault(heading, column.name)
    return names


NAMES = (
    "card", "quality", "principal", "idcs", "cin", "last_name_fr", "first_name_fr", "last_name_ar", "first_name_ar", "sex", "born_on",
    "relation", "student", "disability", "commune", "card_until", "synthetic",
)  # fmt: skip
NEEDED = ("card", "quality", "idcs", "sex", "born_on")
"""Columns without which no row could pass."""
