"""What a fact of the rules is called in front of a family: the possession or the bill, and the question that was asked.

And how words follow one another: Arabic has its own comma and semicolon, and no space before a colon.
"""

import re
from collections.abc import Iterable
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

FACTS = {
    "telecom": _("Téléphone et internet"),
    "butane": _("Gaz butane"),
    "water_power": _("Eau et électricité"),
    "mobile_phones": _("Téléphones portables"),
    "motorcycles": _("Motocycles"),
    "has_motorcycle": _("Motocycle"),
    "cars": _("Voitures"),
    "has_car": _("Voiture"),
    "cows": _("Vaches"),
    "dish": _("Antenne parabolique"),
    "landline": _("Téléphone fixe"),
    "computer": _("Ordinateur"),
    "loan": _("Crédit en cours"),
    "other_cover": _("Autre couverture maladie dans le ménage"),
    "garage": _("Garage"),
    "premises": _("Local professionnel"),
    "land": _("Terrain non agricole"),
    "irrigated_land": _("Terre irriguée"),
    "second_home": _("Logement secondaire"),
    "private_pupils": _("Enfants à l’école privée"),
    "public_pupils": _("Enfants à l’école publique"),
}

QUESTIONS = {
    "P01": _("lien avec le chef de ménage"),
    "P02": _("date de naissance"),
    "P04": _("état matrimonial"),
    "P05": _("conjoint"),
    "P06": _("mère"),
    "P07": _("père"),
    "P09": _("scolarisation des enfants"),
    "P10": _("école publique ou privée"),
    "P11": _("niveau d’études du chef de ménage"),
    "P12": _("diplôme de chaque personne de 15 ans et plus"),
    "P13": _("savoir lire et écrire"),
    "P14": _("activité de chaque personne de 15 ans et plus"),
    "P15": _("métier"),
    "P16": _("statut dans le travail"),
    "P17": _("travail payé ou non"),
    "P18": _("couverture maladie de chaque personne"),
    "H03": _("type de logement"),
    "H04": _("nombre de pièces"),
    "H05": _("bain ou douche"),
    "H06": _("compteur d’électricité"),
    "H07": _("factures d’électricité"),
    "H08": _("factures d’eau"),
    "H09": _("dépense de gaz butane"),
    "H10": _("factures de téléphone et d’internet"),
    "H11": _("ordinateur"),
    "H12": _("antenne parabolique"),
    "H13": _("téléphone fixe"),
    "H14": _("téléphones portables"),
    "H15": _("voitures"),
    "H16": _("motocycles"),
    "H17": _("crédit en cours"),
    "H18": _("logement secondaire"),
    "H19": _("garage"),
    "H20": _("local professionnel"),
    "H21": _("terrain non agricole"),
    "H22": _("terre irriguée"),
    "H23": _("vaches"),
    "milieu": _("milieu urbain ou rural"),
    "region": _("région"),
    "size": _("personnes du ménage"),
}

DWELLING = {
    "dwelling_type": "H03",
    "rooms": "H04",
    "bath": "H05",
    "electricity_meter": "H06",
    "electricity_bills": "H07",
    "water_bills": "H08",
    "butane_month": "H09",
    "telecom_bills": "H10",
    "computer": "H11",
    "dish": "H12",
    "landline": "H13",
    "mobile_phones": "H14",
    "cars": "H15",
    "motorcycles": "H16",
    "loan": "H17",
    "second_home": "H18",
    "garage": "H19",
    "premises": "H20",
    "land": "H21",
    "irrigated_land": "H22",
    "cows": "H23",
}
"""The household's own answers, in the order of the form, and the question of each."""

DEEDS = {
    "ramed.received": _("a envoyé un fichier de bénéficiaires du RAMED"),
    "ramed.retried": _("a repris une bascule du RAMED"),
    "ramed.loaded": _("a basculé un lot de bénéficiaires du RAMED"),
    "ramed.closed": _("a terminé une bascule du RAMED"),
    "ramed.forgotten": _("a effacé un fichier de bénéficiaires du RAMED"),
    "ramed.accepted": _("a reconnu un bénéficiaire du RAMED"),
    "ramed.rejected": _("a rejeté une ligne d’un fichier du RAMED"),
    "ramed.refused_read": _("a reçu les lignes refusées d’un fichier du RAMED"),
    "ramed.row_read": _("a consulté une ligne d’un fichier du RAMED"),
    "ramed.settled": _("a tiré les suites de l’indice pour d’anciens bénéficiaires du RAMED"),
    "request.opened": _("a ouvert une demande"),
    "request.sent": _("a envoyé une demande"),
    "request.returned": _("a rendu une demande à corriger"),
    "request.reopened": _("a repris une demande que le ménage avait dépassée"),
    "request.worded": _("a corrigé les mots d’une demande"),
    "request.noted": _("a ajouté une remarque à une demande"),
    "request.assigned": _("a attribué une demande"),
    "request.processed": _("a appliqué une demande"),
    "request.rejected": _("a rejeté une demande"),
    "request.answered": _("a répondu à une demande"),
    "request.withdrawn": _("a abandonné une demande"),
    "request.awaits_second": _("a envoyé une demande à approuver"),
    "request.undo_asked": _("a demandé l’annulation d’une demande appliquée"),
    "read_household": _("a consulté le dossier"),
    "met_household": _("a vu le ménage dans ce qui ressemble à une famille qu’on enregistre"),
    "simulate_household": _("a simulé un changement du ménage"),
    "search": _("a cherché un ménage"),
    "read_readers": _("a lu qui a consulté le dossier"),
    "export_households": _("a extrait une liste de ménages"),
    "add_user": _("a créé un compte"),
    "change_user": _("a modifié un compte"),
    "add_agency": _("a enregistré une convention"),
    "change_agency": _("a modifié une convention"),
    "assess": _("a calculé l’indice"),
    "propose_enrollments": _("a proposé des inscriptions"),
    "accept_enrollment": _("a accepté des inscriptions"),
    "refuse_enrollment": _("a refusé des inscriptions"),
    "keep_enrollment": _("a maintenu des inscriptions"),
    "end_enrollment": _("a mis fin à des inscriptions"),
    "budget.forecast": _("a prévu la dépense des mois à venir"),
    "budget.reconciled": _("a refait les sommes d’un mois d’après ses lignes"),
    "budget.recount": _("a fait prévoir un mois de nouveau"),
    "budget.scenario": _("a demandé ce que coûterait une autre loi"),
    "start_month": _("a fait écrire un mois d’aide"),
    "retry_month": _("a repris un mois d’aide"),
    "write_month_chunk": _("a écrit un lot d’un mois d’aide"),
    "correct_month": _("a corrigé un mois d’aide"),
    "propose_recovery": _("a proposé de récupérer un trop-perçu"),
    "decide_recovery": _("a décidé d’un trop-perçu"),
    "claim_birth_grant": _("a demandé une prime de naissance"),
    "correct_placement_account": _("a corrigé le RIB d’un enfant en établissement"),
    "record_placement": _("a enregistré un placement en établissement"),
    "end_placement": _("a enregistré la fin d’un placement"),
    "write_placements": _("a écrit les sommes dues aux enfants placés"),
    "suspend_enrollment": _("a suspendu des inscriptions"),
    "resume_enrollment": _("a repris des inscriptions suspendues"),
    "appeal.filed": _("a reçu un recours"),
    "appeal.admitted": _("a admis un recours hors délai"),
    "appeal.examined": _("a mis un recours en examen"),
    "appeal.assigned": _("a attribué un recours"),
    "appeal.noted": _("a ajouté une remarque à un recours"),
    "appeal.upheld": _("a accueilli un recours"),
    "appeal.dismissed": _("a rejeté un recours"),
    "appeal.withdrawn": _("a noté que la famille retire son recours"),
    "escalate_clocks": _("a fait remonter des délais"),
    "request.narrowed": _("a gardé d’une demande les seules réponses accordées"),
    "household.registered": _("a enregistré le ménage"),
    "registration.discarded": _("a abandonné un brouillon"),
    "import.received": _("a envoyé un fichier"),
    "import.applied": _("a appliqué un lot d’un fichier"),
    "import.retried": _("a repris un fichier"),
    "import.refused_read": _("a reçu les lignes refusées d’un fichier"),
    "import.forgotten": _("a effacé un fichier et ses lignes refusées"),
    "api.feed": _("a livré des données qui vérifient des réponses"),
    "api.feed_read": _("a lu ce qu’est devenue une livraison"),
    "request.announced": _("a annoncé un événement, qu’un brouillon attend de confirmer"),
    "conflict.escalated": _("a signalé une contradiction dont le délai est passé"),
    "conflict.told": _("a prévenu la famille de ce que dit un partenaire"),
    "conflict.kept": _("a gardé la réponse de la famille contre celle d’un partenaire"),
    "conflict.taken": _("a pris la valeur vérifiée par un partenaire"),
    "find_duplicates": _("a cherché les doublons du registre"),
    "duplicate.different": _("a dit différents deux dossiers qui se ressemblaient"),
    "duplicate.same_person": _("a dit que deux fiches sont celles d’une même personne"),
    "duplicate.same_household": _("a dit que deux dossiers sont ceux d’un même ménage"),
    "duplicate.set_apart": _("a dit, en enregistrant, que ce n’est pas la même personne ou le même ménage"),
    "duplicate.claimed": _("a réclamé un IDCS déjà enregistré"),
    "draft.resumed": _("a repris le brouillon d’un collègue"),
    "evidence.added": _("a joint une pièce"),
    "evidence.removed": _("a retiré une pièce"),
    "evidence.read": _("a ouvert une pièce"),
    "load_law": _("a chargé les textes en vigueur"),
    "propose_provision": _("a proposé une valeur de la loi"),
    "approve_provision": _("a approuvé une valeur de la loi"),
    "reject_provision": _("a rejeté une valeur de la loi"),
    "api.token": _("a ouvert une session d’échange"),
    "api.provisions": _("a lu par l’échange les textes en vigueur"),
    "api.eligibility_check": _("a interrogé par l’échange l’éligibilité du ménage"),
    "api.eligibility_read": _("a lu par l’échange l’éligibilité du ménage"),
    "api.coverage_check": _("a interrogé par l’échange la couverture d’une personne"),
    "api.register_household": _("a transmis par l’échange une déclaration"),
    "issue_notice": _("a remis une notification"),
    "reprint_notice": _("a imprimé de nouveau une notification"),
    "issue_receipt": _("a remis un reçu"),
    "reprint_receipt": _("a imprimé de nouveau un reçu"),
    "replay": _("a refait le calcul d’un droit"),
    "replay_sample": _("a rejoué un échantillon de droits"),
    "acknowledge_replay": _("a levé l’alarme d’un échantillon"),
    "confirm_loss": _("a confirmé une perte de droit"),
    "rehearse_formula": _("a fait répéter une formule"),
    "read_losing_families": _("a lu les familles qu’une formule ferait sortir"),
    "read_losing_family": _("a lu ce qu’une formule changerait pour le ménage"),
    "pause_run": _("a suspendu une exécution"),
    "resume_run": _("a repris une exécution"),
    "cancel_run": _("a annulé une exécution"),
    "retry_run": _("a relancé une exécution"),
    "apply_chunk": _("a appliqué une part d’une exécution"),
    "payment_account.recorded": _("a enregistré un compte de versement"),
    "payment_account.closed": _("a fermé un compte de versement"),
    "payment_order.prepared": _("a préparé un ordre de versement"),
    "payment_order.approved": _("a signé un ordre de versement"),
    "payment_order.frozen": _("a figé un ordre de versement"),
    "payment_order.exported": _("a envoyé un ordre de versement"),
    "payment_order.canceled": _("a annulé un ordre de versement"),
    "payment_order.closed": _("a clos un ordre de versement"),
    "payment_order.file_read": _("a reçu un fichier de versement"),
    "payment_order.answered": _("a enregistré la réponse de l’organisme payeur"),
    "payment_difference.settled": _("a réglé une différence de versement"),
    "payment.to_reissue": _("a fait réémettre un versement rejeté"),
    "follow_covers": _("a suivi les couvertures au jour dit"),
    "forewarn_covers": _("a noté qui perdra sa place d’ayant droit"),
    "direction.moved": _("a fait avancer une orientation vers un autre régime"),
    "achamil.joined": _("a fait adhérer à l’AMO ACHAMIL"),
    "achamil.called": _("a appelé des cotisations"),
    "achamil.paid": _("a enregistré une cotisation"),
    "achamil.left": _("a mis fin à une adhésion"),
    "covers.set": _("a mis à jour la couverture déclarée"),
    "hold.settled": _("a clos l’attente d’une inscription"),
    "batch.proposed": _("a proposé une décision en lot"),
    "batch.signed": _("a signé une décision en lot"),
    "batch.rejected": _("a rejeté ou retiré une décision en lot"),
    "batch.retried": _("a repris une décision en lot"),
    "batch.applied": _("a appliqué une part d’une décision en lot"),
    "notify_families": _("a notifié des décisions aux familles"),
    "message.resent": _("a renvoyé un message à la famille"),
    "contact.changed": _("a changé la manière de joindre la famille"),
    "print_right_notice": _("a imprimé la notification d’un droit"),
    "print_right_notices": _("a imprimé des notifications de droits"),
}

STATES = {
    "yes": ("yes", "✓"),
    "no": ("no", "✕"),
    "warn": ("warn", "!"),
    "wait": ("wait", "…"),
    "off": ("off", "–"),
    # statuses of requests, enrollments, proposals and runs
    "active": ("yes", "✓"),
    "processed": ("yes", "✓"),
    "partially_accepted": ("yes", "✓"),
    "approved": ("yes", "✓"),
    "closed": ("yes", "✓"),
    "done": ("yes", "✓"),
    "proposed": ("warn", "!"),
    "in_review": ("warn", "!"),
    "open": ("warn", "!"),
    "draft": ("wait", "…"),
    "in_progress": ("wait", "…"),
    "planned": ("wait", "…"),
    "running": ("wait", "…"),
    "waiting": ("wait", "…"),
    "claimed": ("wait", "…"),
    "refused": ("no", "✕"),
    "rejected": ("no", "✕"),
    "failed": ("no", "✕"),
    "paused": ("warn", "!"),
    "canceled": ("off", "–"),
    "here": ("wait", "…"),
    "in_approval": ("warn", "!"),
    "frozen": ("yes", "✓"),
    "exported": ("wait", "…"),
    "ready": ("wait", "…"),
    "sent": ("wait", "…"),
    "paid": ("yes", "✓"),
    "to_reissue": ("warn", "!"),
    "zero": ("off", "–"),
    "none": ("warn", "!"),
    "ended": ("off", "–"),
    "recorded": ("warn", "!"),
    "recovering": ("wait", "…"),
    "recovered": ("yes", "✓"),
    "waived": ("off", "–"),
    "directed": ("wait", "…"),
    "applied": ("wait", "…"),
    "confirmed": ("yes", "✓"),
    "suspended": ("warn", "!"),
    "migrated": ("wait", "…"),
    "filed": ("warn", "!"),
    "in_examination": ("wait", "…"),
    "upheld": ("yes", "✓"),
    "partly_upheld": ("yes", "✓"),
    "dismissed": ("no", "✕"),
    "withdrawn": ("off", "–"),
    # messages
    "queued": ("wait", "…"),
    "sending": ("wait", "…"),
    "delivered": ("yes", "✓"),
    "undeliverable": ("no", "✕"),
    "doubtful": ("warn", "!"),
}
"""Class and sign of a state pill: never the color alone."""


def listed(items: Iterable, *, apart: bool = False) -> str:
    """Items one after the other; `apart` parts by a semicolon those that hold commas of their own."""
    pair = gettext("{before} ; {after}") if apart else gettext("{before}, {after}")
    return pair.format(before="", after="").join(str(item) for item in items)


def comma() -> str:
    """What stands between two items that a page writes apart."""
    return listed(["", ""])


def colon() -> str:
    """What closes a label before what it announces; in French it never starts a line."""
    return gettext("{label} :").format(label="").replace(" ", "\u00a0")


ELIDED = re.compile(r"(?!ou[aeéèiy])[aâàeéèêiîoôu]|y[^aâàeéèêiîoôu]", re.IGNORECASE)
"""First letters that take an apostrophe: Hassan, Youssef and Ouafae begin with a consonant that is heard."""


def household_of(name: str) -> str:
    """What a family is called, by the name of its head."""
    if get_language() == "fr" and ELIDED.match(name):
        return f"Ménage d’{name}"
    return gettext("Ménage de %(name)s") % {"name": name}


def of_month(when: date) -> str:
    """A month after "of", in words: « de novembre 2026 », « d’octobre 2026 »; in Arabic the month alone, which follows its noun."""
    month = date_format(when, "F Y")
    if get_language() != "fr":
        return month
    return f"d’{month}" if month[0] in "ao" else f"de {month}"


def day(when: date | None, pattern: str = "DATE_FORMAT") -> str:
    """A date in words; in French the first of a month is written 1er."""
    if when is None:
        return ""
    written = date_format(when, pattern)
    return re.sub(r"(?<!\d)1 (?=[^\W\d])", "1er ", written) if get_language() == "fr" else written
