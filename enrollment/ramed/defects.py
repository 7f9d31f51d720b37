"""What can keep a row from simply passing, each kind with where it leads and its sentence; the order is that of precedence."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

REFUSED, QUEUED, ASIDE = "refused", "queued", "aside"


@dataclass(frozen=True)
class Defect:
    """`column` is the one to mend; an IDCS that somebody may correct in the queue is `correctable`."""

    outcome: str
    column: str
    sentence: str


DEFECTS = {
    # The row by itself: refused, to be mended where the file was made.
    "beyond": Defect(REFUSED, "", _("Cette ligne a plus de cases que de titres.")),
    "card_missing": Defect(REFUSED, "card", _("Le numéro RAMED de la personne manque.")),
    "card_malformed": Defect(REFUSED, "card", _("Un numéro RAMED a 6 à 14 chiffres ou lettres latines, sans espace.")),
    "quality_unknown": Defect(REFUSED, "quality", _("La qualité est « principal » ou « ayant droit ».")),
    "last_name_missing": Defect(REFUSED, "last_name_fr", _("Le nom de famille manque, en caractères latins comme en arabe.")),
    "first_name_missing": Defect(REFUSED, "first_name_fr", _("Le prénom manque, en caractères latins comme en arabe.")),
    "name_unreadable": Defect(REFUSED, "last_name_fr", _("Un nom ne contient que des lettres, et 60 caractères au plus.")),
    "sex_unknown": Defect(REFUSED, "sex", _("Le sexe est « masculin » ou « féminin ».")),
    "birth_missing": Defect(REFUSED, "born_on", _("La date de naissance manque ; l’année seule suffit.")),
    "birth_unreadable": Defect(REFUSED, "born_on", _("Écrivez la naissance sous la forme jour/mois/année, ou l’année seule.")),
    "birth_impossible": Defect(REFUSED, "born_on", _("Cette naissance est dans l’avenir, ou remonte à plus de 120 ans.")),
    "commune_unknown": Defect(REFUSED, "commune", _("Ce code ou ce nom n’est celui d’aucune commune, ou est celui de plusieurs.")),
    "card_ended": Defect(REFUSED, "card_until", _("La carte RAMED était finie, ou sa date de fin ne se lit pas, le jour de la bascule.")),
    "relation_unknown": Defect(REFUSED, "relation", _("Le lien d’un ayant droit est « conjoint » ou « enfant ».")),
    "repeated": Defect(REFUSED, "idcs", _("Cette personne est déjà sur une ligne précédente du fichier.")),
    # The person: doubtful, for somebody to settle.
    "idcs_missing": Defect(QUEUED, "idcs", _("L’IDCS manque : la personne n’est pas identifiée.")),
    "idcs_malformed": Defect(QUEUED, "idcs", _("Un IDCS a dix chiffres et ne commence ni par 0 ni par 1.")),
    "idcs_mistyped": Defect(
        QUEUED, "idcs", _("Cet IDCS contient une erreur de frappe : son dernier chiffre ne correspond pas aux autres.")
    ),
    "over_age": Defect(QUEUED, "born_on", _("Cet enfant a passé l’âge d’être à charge, et ni études ni handicap ne sont dits.")),
    "claimed_twice": Defect(QUEUED, "principal", _("Deux assurés principaux déclarent cette personne.")),
    "card_shared": Defect(QUEUED, "card", _("Deux personnes du fichier portent ce numéro RAMED.")),
    "no_principal": Defect(QUEUED, "principal", _("Le numéro de l’assuré principal n’est celui d’aucun principal du fichier.")),
    "other_name": Defect(QUEUED, "last_name_fr", _("Le registre connaît cet IDCS sous un autre nom.")),
    "other_birth": Defect(QUEUED, "born_on", _("Le registre connaît cet IDCS avec une autre naissance.")),
    "other_sex": Defect(QUEUED, "sex", _("Le registre connaît cet IDCS avec l’autre sexe.")),
    "moved_elsewhere": Defect(QUEUED, "principal", _("Un fichier précédent a basculé cette personne avec un autre assuré principal.")),
    # Covered otherwise: nothing to do.
    "other_cover": Defect(ASIDE, "idcs", _("Le registre connaît à cette personne une autre couverture obligatoire.")),
    "enrolled": Defect(ASIDE, "idcs", _("Cette personne est déjà inscrite à l’AMO, ou l’était encore dans la période.")),
    # What becomes of a principal reaches those covered through them.
    "principal_aside": Defect(
        ASIDE, "principal", _("L’assuré principal a une autre couverture obligatoire : ses ayants droit relèvent d’elle.")
    ),
    "principal_waits": Defect(
        QUEUED, "principal", _("L’assuré principal n’est pas couvert : sa ligne est refusée ou attend d’être réglée.")
    ),
}

SENTENCES = {kind: defect.sentence for kind, defect in DEFECTS.items()}
CORRECTABLE = ("idcs_missing", "idcs_malformed", "idcs_mistyped", "other_name", "other_birth", "other_sex")
"""Kinds that another IDCS may settle; the first three cannot be accepted without one."""
UNIDENTIFIED = CORRECTABLE[:3]
FOLLOWING = ("principal_waits",)
"""Kinds settled with the principal's own row."""
