"""Why a payment is rejected, by the ISO 20022 external status reason codes, in words a family understands, and what to do about it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Reason:
    """`deed` is the desk's, `asked` the family's. `account`: the account itself is at fault, and the same one would be rejected again."""

    words: Any
    deed: Any
    asked: Any
    account: bool = False


# What the desk does, what the family is asked to do.
_NO_PAPER = _("Vous n’avez rien à apporter : le bureau fait refaire le versement.")
_CORRECT = (
    _("Vérifiez le relevé d’identité bancaire avec la famille et enregistrez le compte corrigé, puis faites réémettre."),
    _("Apportez au bureau un relevé d’identité bancaire récent, au nom de la personne qui reçoit l’aide."),
)
_ANOTHER = (
    _("Demandez à la famille un autre compte, ou laissez-la être payée au guichet, puis faites réémettre."),
    _("Apportez au bureau le relevé d’un autre compte, ou demandez à être payé(e) au guichet."),
)
_AGAIN = (_("Rien à corriger chez la famille : faites réémettre."), _NO_PAPER)
_IDENTITY = (
    _("Comparez le nom et le numéro du dossier à la pièce d’identité, corrigez-les par une demande, puis faites réémettre."),
    _("Apportez au bureau la pièce d’identité de la personne qui reçoit l’aide."),
)
_AGENCY = (_("Demandez à l’organisme payeur ce qu’il attend, puis faites réémettre."), _NO_PAPER)

REASONS = {
    "AC01": Reason(_("le numéro de compte n’existe pas"), *_CORRECT, account=True),
    "AC03": Reason(_("le numéro de compte du bénéficiaire n’est pas valable"), *_CORRECT, account=True),
    "AC04": Reason(_("le compte est fermé"), *_ANOTHER, account=True),
    "AC06": Reason(_("le compte est bloqué"), *_ANOTHER, account=True),
    "AC14": Reason(_("ce type de compte ne reçoit pas l’aide"), *_ANOTHER, account=True),
    "AG01": Reason(_("ce compte ne peut pas recevoir de virement"), *_ANOTHER, account=True),
    "AG02": Reason(_("la banque ne reconnaît pas l’opération"), *_AGENCY),
    "AM04": Reason(_("la provision du payeur ne suffisait pas"), *_AGAIN),
    "AM05": Reason(_("la banque l’a pris pour un double"), *_AGENCY),
    "AM09": Reason(_("le montant n’est pas celui attendu"), *_AGENCY),
    "BE01": Reason(_("le nom ne correspond pas au titulaire du compte"), *_CORRECT, account=True),
    "BE04": Reason(_("l’adresse du bénéficiaire manque"), *_IDENTITY),
    "BE05": Reason(_("la banque ne reconnaît pas le donneur d’ordre"), *_AGENCY),
    "CUST": Reason(
        _("le bénéficiaire l’a refusé"),
        _("Demandez à la famille pourquoi, puis faites réémettre si elle le souhaite."),
        _("Dites au bureau pourquoi le versement a été refusé, et s’il faut le refaire."),
    ),
    "DT01": Reason(_("la date d’exécution n’est pas valable"), *_AGAIN),
    "FF01": Reason(_("le fichier n’était pas lisible par la banque"), *_AGENCY),
    "MD07": Reason(
        _("le bénéficiaire est décédé"),
        _("Enregistrez le décès par une demande : la personne qui reçoit l’aide change, puis faites réémettre."),
        _("Déclarez le décès au bureau : une autre personne du ménage recevra l’aide."),
    ),
    "MS02": Reason(_("le bénéficiaire n’a pas donné de motif"), *_AGENCY),
    "MS03": Reason(_("la banque n’a pas donné de motif"), *_AGENCY),
    "NARR": Reason(_("le motif est écrit à part par l’organisme payeur"), *_AGENCY),
    "RC01": Reason(_("le code de la banque n’est pas valable"), *_CORRECT, account=True),
    "RR01": Reason(_("l’identité du payeur manque pour la réglementation"), *_AGENCY),
    "RR02": Reason(_("le nom ou l’adresse du payeur manque pour la réglementation"), *_AGENCY),
    "RR03": Reason(_("le nom ou l’adresse du bénéficiaire manque pour la réglementation"), *_IDENTITY),
    "RR04": Reason(_("la réglementation l’interdit"), *_AGENCY),
    "TM01": Reason(_("le fichier est arrivé après l’heure limite"), *_AGAIN),
}
OTHER = Reason(_("motif que ce registre ne connaît pas"), *_AGENCY)


def reason_of(code: str) -> Reason:
    return REASONS.get(code, OTHER)


ADVICE = {
    "unreadable": _(
        "Une partie de la ligne ne se lit pas : demandez la ligne corrigée à l’organisme payeur, puis envoyez-la dans un nouveau retour."
    ),
    "whole_file": _("L’organisme payeur a répondu pour tout un fichier : demandez-lui une réponse ligne par ligne."),
    "unknown": _("Aucun versement de cet ordre ne porte cet identifiant : vérifiez que le fichier répond bien à cet ordre."),
    "amount": _("Le montant n’est pas celui envoyé : rien n’est appliqué. Demandez à l’organisme payeur ce qu’il a versé."),
    "twice": _("Le même versement a deux réponses différentes dans le fichier : demandez laquelle est la bonne, puis suivez-la."),
    "contradiction": _("La réponse contredit celle d’avant : vérifiez avec l’organisme payeur et la famille avant de la suivre."),
}
"""What to do about each difference."""
