"""The law's keys and values in the words of the people who sign them; the figures themselves stay in the provisions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from households import answers
from rsu import numerals
from rsu.wording import QUESTIONS, day, listed

from .facts import BY_NAME
from .law import Fault
from .score import threshold_points

GROUPS = (
    ("amo_tadamon", _("AMO-TADAMON")),
    ("direct_aid", _("Aide sociale directe")),
    ("amo_achamil", _("AMO ACHAMIL")),
    ("score", _("Indice socio-économique")),
    ("registration", _("Enregistrement et vie du ménage")),
    ("appeal", _("Recours")),
    ("duplicates", _("Doublons")),
    ("payment", _("Versements")),
    ("policy", _("Changement de la loi")),
    ("budget", _("Budget de l’État")),
    ("batch", _("Décisions en lot")),
    ("messages", _("Messages aux familles")),
)
SAME_GROUP = {
    "amo": "amo_tadamon",
    "household": "registration",
    "schooling": "registration",
    "rights": "registration",
    "check": "registration",
    "request": "registration",
}
CONFIDENCES = {"H": _("établie"), "M": _("probable"), "L": _("à confirmer")}

WORDS = {
    "administrator": _("administrateur"),
    "supervisor": _("superviseur"),
    "gains_right": _("ouvre un droit"),
    "loses_right": _("ferme un droit"),
    "striking_off": _("radie un ménage ou une personne"),
    "merge": _("réunit deux ménages"),
    "husband": _("le mari"),
    "custody": _("la personne qui a la garde"),
    "kafala": _("la personne qui a la kafala"),
    "guardian": _("le tuteur"),
    "household": _("un droit par ménage"),
    "ma": _("marocaine"),
    "submission": _("le jour du dépôt de la demande"),
    "calendar_last_day_included": _("jours de calendrier, le dernier compris"),
    "public": _("publique"),
    "first_day": _("le premier jour du mois"),
    "last_day": _("le dernier jour du mois"),
    "monday": _("lundi"),
    "tuesday": _("mardi"),
    "wednesday": _("mercredi"),
    "thursday": _("jeudi"),
    "friday": _("vendredi"),
    "saturday": _("samedi"),
    "sunday": _("dimanche"),
}


@dataclass(frozen=True)
class Entry:
    """What a key is called, and how its value is read: `kind` names a reader below, `codes` the words of its codes, or the words it may be.

    `least` and `most` bound what a number can mean at all (a day of every month, an age of majority): beyond, a finger slipped.
    """

    label: Any
    kind: str = "number"
    codes: Any = None
    least: int = 0
    most: int | None = None


KEYS = {
    "score.formula": Entry(_("Formule de l’indice"), "formula"),
    "score.cover_not_counted": Entry(_("Couvertures maladie qui ne comptent pas dans l’indice"), "codes", answers.Cover),
    "score.technical_diplomas": Entry(_("Diplômes techniques"), "codes", answers.Diploma),
    "score.higher_diplomas": Entry(_("Diplômes supérieurs"), "codes", answers.Diploma),
    "score.basic_levels": Entry(_("Niveaux d’études dits fondamentaux"), "codes", answers.EducationLevel),
    "score.senior_groups": Entry(_("Métiers de cadre supérieur ou de responsable"), "codes", answers.OccupationGroup),
    "score.middle_groups": Entry(_("Métiers de cadre moyen"), "codes", answers.OccupationGroup),
    "score.operator_groups": Entry(_("Métiers de conducteur"), "codes", answers.OccupationGroup),
    "score.trade_groups": Entry(_("Métiers du commerce"), "codes", answers.OccupationGroup),
    "score.artisan_groups": Entry(_("Métiers d’artisan"), "codes", answers.OccupationGroup),
    "score.farmer_groups": Entry(_("Métiers d’exploitant agricole"), "codes", answers.OccupationGroup),
    "score.unpaid_statuses": Entry(_("Statuts qui ne comptent comme travail que s’ils sont payés"), "codes", answers.WorkStatus),
    "score.retired_situations": Entry(_("Situations qui valent retraite"), "codes", answers.Situation),
    "score.dwelling_types": Entry(_("Logements comptés comme bons en milieu rural"), "codes", answers.DwellingType),
    "score.bill_months": Entry(_("Mois de factures demandés"), "months", least=1, most=3),
    "score.ownership": Entry(_("Ce qui vaut possession"), "table"),
    "amo_tadamon.threshold": Entry(_("Seuil de l’AMO-TADAMON"), "threshold"),
    "amo_tadamon.migrated_until": Entry(_("Premier jour où l’indice décide pour les anciens bénéficiaires du RAMED"), "day"),
    "amo_tadamon.excluding_covers": Entry(_("Couvertures qui excluent de l’AMO-TADAMON"), "codes", answers.Cover),
    "amo_tadamon.state_contribution": Entry(_("Contribution de l’État, par assuré et par mois"), "money"),
    "amo_tadamon.borderline_band": Entry(_("Marge autour du seuil qui diffère une perte"), "threshold"),
    "amo.dependant_age": Entry(_("Enfant à charge avant l’âge de"), "years", least=12, most=40),
    "amo.student_dependant_age": Entry(_("Étudiant à charge avant l’âge de"), "years", least=12, most=40),
    "amo.student_levels": Entry(_("Études qui prolongent la charge"), "codes", answers.Schooling),
    "amo.dependant_disabilities": Entry(_("Handicap qui prolonge la charge sans limite d’âge"), "codes", answers.Disability),
    "amo.insured_spouse": Entry(_("Assuré quand les deux époux sont présents"), "word", ("husband",)),
    "amo.end_of_month": Entry(_("Le droit finit avec le mois de la notification"), "yes_no"),
    "amo.birth_declared_days": Entry(_("Délai où une naissance déclarée est couverte depuis la naissance"), "days"),
    "amo.majority_notice_days": Entry(_("Préavis avant la fin d’une place d’ayant droit"), "days"),
    "amo.own_name_at_once": Entry(_("Qui n’est plus à charge est couvert en son nom sans décision"), "yes_no"),
    "amo.grace_months": Entry(_("Mois de maintien après une perte"), "months"),
    "amo_achamil.bands": Entry(_("Barème des cotisations, par mois"), "bands"),
    "amo_achamil.waiting_months": Entry(_("Stage avant l’ouverture des droits"), "months"),
    "amo_achamil.waiting_waived_covered_on": Entry(_("Sans stage pour qui était couvert par l’AMO-TADAMON le"), "day"),
    "amo_achamil.waiting_waived": Entry(_("Sans stage pour qui perd l’AMO-TADAMON"), "yes_no"),
    "amo_achamil.excluded_situations": Entry(_("Situations qui relèvent d’un autre régime"), "codes", answers.Situation),
    "amo_achamil.due_day": Entry(_("Jour du mois où la cotisation est due"), least=1, most=28),
    "direct_aid.threshold": Entry(_("Seuil de l’aide sociale directe"), "threshold"),
    "direct_aid.amounts": Entry(_("Montants de l’aide, par mois"), "amounts"),
    "direct_aid.birth_grant": Entry(_("Prime de naissance"), "table"),
    "direct_aid.school_start": Entry(_("Aide à la rentrée scolaire, par enfant"), "table"),
    "direct_aid.institutions": Entry(_("Enfants accueillis en établissement"), "table"),
    "direct_aid.disabilities": Entry(_("Handicap qui ouvre le supplément"), "codes", answers.Disability),
    "direct_aid.reference_day": Entry(_("Jour du mois où les conditions sont lues"), least=1, most=28),
    "direct_aid.unit": Entry(_("À qui le droit est ouvert"), "word", ("household",)),
    "direct_aid.payee_order": Entry(_("Qui reçoit l’aide, dans cet ordre"), "words", ("husband", "custody", "kafala", "guardian")),
    "direct_aid.nationality": Entry(_("Nationalité demandée"), "word", ("ma",)),
    "direct_aid.end_of_month": Entry(_("Le droit finit avec le mois"), "yes_no"),
    "direct_aid.orphan_not_in_school": Entry(_("Taux d’orphelin hors école"), "yes_no"),
    "direct_aid.school_year_ends": Entry(_("Dernier jour de l’année scolaire"), "month_day"),
    "direct_aid.summer_starts": Entry(_("Premier jour de l’été"), "month_day"),
    "direct_aid.run_day": Entry(_("Jour du mois où l’aide est écrite pour tous"), least=1, most=28),
    "direct_aid.recovery_share": Entry(_("Retenue au plus sur un mois pour un trop-perçu, en pour cent"), least=1, most=100),
    "direct_aid.decision_days": Entry(_("Délai de décision"), "days"),
    "direct_aid.borderline_band": Entry(_("Marge autour du seuil qui diffère une perte"), "threshold"),
    "direct_aid.grace_months": Entry(_("Mois de maintien après une perte"), "months"),
    "registration.unknown_birth_part": Entry(_("Jour ou mois de naissance inconnu, compté comme"), least=1, most=12),
    "registration.max_size": Entry(_("Membres d’un ménage, au plus"), least=10, most=1000),
    "registration.adult_age": Entry(_("Âge de la majorité"), "years", least=12, most=30),
    "registration.spouse_age": Entry(_("Âge minimal d’un époux à la saisie"), "years", least=12, most=30),
    "registration.plausible": Entry(_("Réponses à faire confirmer au-delà de"), "table"),
    "registration.incomplete_days": Entry(_("Jours où le dernier indice tient sans les nouvelles réponses"), "days"),
    "registration.declare_days": Entry(_("Délai pour déclarer un changement"), "days"),
    "household.absence_months": Entry(_("Absence au-delà de laquelle on quitte le ménage"), "months"),
    "household.vacant_head_months": Entry(_("Durée sans chef de ménage, droits maintenus"), "months"),
    "schooling.expires": Entry(_("La scolarité déclarée s’éteint avec l’année scolaire"), "yes_no"),
    "schooling.classes_until": Entry(_("Mois à partir duquel qui quitte l’école a fini son année"), least=1, most=12),
    "rights.look_back": Entry(_("Jour qui ouvre un droit"), "word", ("submission",)),
    "check.answer_days": Entry(_("Délai de réponse de la famille à une contradiction"), "days"),
    "check.loss_days": Entry(_("Délai pour vérifier une perte"), "days"),
    "appeal.filing_days": Entry(_("Délai de recours"), "days"),
    "appeal.answer_days": Entry(_("Délai de réponse au recours"), "days"),
    "appeal.day_count": Entry(_("Manière de compter les jours"), "word", ("calendar_last_day_included",)),
    "appeal.suspends": Entry(_("Le recours suspend la perte"), "yes_no"),
    "appeal.escalation_days": Entry(_("Alerte quand un délai court trop longtemps"), "table"),
    "duplicates.expected": Entry(_("Personnes enregistrées deux fois, sur dix mille"), least=1, most=1000),
    "duplicates.floor": Entry(_("Probabilité d’un doublon proposé, en dix-millièmes"), least=500, most=9990),
    "duplicates.block": Entry(_("Personnes comparées entre elles, au plus"), least=10, most=1000),
    "duplicates.rates": Entry(_("Ressemblances de deux fiches d’une même personne, sur dix mille"), "table"),
    "request.answer_days": Entry(_("Délai de réponse à une demande"), "days"),
    "request.second_signature": Entry(
        _("Ce qui demande l’approbation d’un superviseur"), "words", ("gains_right", "loses_right", "striking_off", "merge")
    ),
    "payment.approvals": Entry(_("Signatures avant qu’un ordre de versement soit figé"), least=1, most=5),
    "payment.approvers": Entry(_("Qui signe un ordre de versement"), "words", ("administrator", "supervisor")),
    "payment.preparer_approves": Entry(_("Qui a préparé l’ordre peut le signer"), "yes_no"),
    "payment.file_limit": Entry(_("Versements par fichier, au plus"), least=1, most=500_000),
    "payment.batch_limit": Entry(_("Versements par lot d’un fichier, au plus"), least=1, most=500_000),
    "payment.debtor": Entry(_("Qui paie"), "table"),
    "policy.report_days": Entry(_("Âge limite d’une répétition pour signer une formule"), "days"),
    "policy.horizon_years": Entry(_("Date d’effet la plus lointaine d’une disposition"), "years", least=1, most=50),
    "budget.direct_aid": Entry(_("Crédits de l’année pour l’aide sociale directe"), "millions"),
    "budget.direct_aid_households": Entry(_("Ménages pour lesquels ces crédits sont ouverts"), least=1, most=100_000_000),
    "budget.amo_tadamon": Entry(_("Crédits de l’année pour les cotisations de l’AMO-TADAMON"), "millions"),
    "budget.amo_tadamon_people": Entry(_("Personnes pour lesquelles ces cotisations sont prévues"), least=1, most=100_000_000),
    "budget.contribution_day": Entry(_("Jour où l’on compte les assurés du mois"), "word", ("last_day", "first_day")),
    "budget.smallest_count": Entry(_("Ménages au-dessous desquels une ligne d’un fichier se fond"), least=1, most=1000),
    "batch.proposers": Entry(_("Qui propose une décision en lot"), "words", ("supervisor", "administrator")),
    "batch.signers": Entry(_("Qui signe une décision en lot"), "words", ("supervisor", "administrator")),
    "batch.second_from": Entry(_("Inscriptions à partir desquelles deux personnes signent"), least=1),
    "messages.quiet_from": Entry(_("Heure après laquelle aucun SMS ne part"), least=0, most=23),
    "messages.quiet_until": Entry(_("Heure à laquelle les SMS repartent"), least=0, most=23),
    "messages.quiet_weekdays": Entry(
        _("Jours sans SMS"), "words", ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    ),
    "messages.attempts": Entry(_("Envois tentés d’un message, au plus"), least=1, most=20),
    "messages.retry_minutes": Entry(_("Minutes avant le deuxième envoi"), least=1, most=1440),
    "messages.resend_doubtful": Entry(_("Renvoyer de soi-même un message dont le départ est incertain"), "yes_no"),
}

FIELDS = {
    "debtor_name": Entry(_("nom du payeur, en lettres latines"), "text"),
    "debtor_identifier": Entry(_("identifiant du payeur"), "text"),
    "debtor_rib": Entry(_("compte du payeur, 24 chiffres"), "text"),
    "debtor_bic": Entry(_("code BIC de sa banque"), "text"),
    "before": Entry(_("au superviseur, avant le dernier jour"), "days"),
    "after": Entry(_("à l’administrateur, après le dernier jour"), "days"),
    "joint": Entry(_("possédé en partie seulement"), "yes_no"),
    "unused_inheritance": Entry(_("héritage indivis sans usage ni revenu"), "yes_no"),
    "lent_or_rented": Entry(_("loué ou prêté par un autre"), "yes_no"),
    "first_delivery": Entry(_("premier accouchement"), "money"),
    "second_delivery": Entry(_("deuxième accouchement"), "money"),
    "claim_months": Entry(_("demande dans les"), "months"),
    "primary": Entry(_("primaire"), "money"),
    "lower_secondary": Entry(_("collège"), "money"),
    "upper_secondary": Entry(_("lycée"), "money"),
    "month": Entry(_("versée avec le mois n°"), least=1, most=12),
    "ranks_counted": Entry(_("enfants comptés, au plus"), least=1, most=100),
    "sector": Entry(_("école"), "word", ("public",)),
    "monthly": Entry(_("par mois"), "money"),
    "at_least_at_majority": Entry(_("au moins, au départ"), "money"),
    "majority_age": Entry(_("jusqu’à l’âge de"), "years", least=12, most=30),
    "young_under": Entry(_("petit enfant avant l’âge de"), "years", most=30),
    "child_under": Entry(_("enfant avant l’âge de"), "years", most=30),
    "disability_supplement": Entry(_("supplément de handicap"), "money"),
    "floor": Entry(_("somme minimale par ménage"), "money"),
    "flat_aid": Entry(_("aide forfaitaire sans enfant"), "money"),
    "young_or_in_school": Entry(_("petit ou scolarisé"), "money"),
    "out_of_school": Entry(_("non scolarisé"), "money"),
    "orphan": Entry(_("orphelin de père"), "money"),
    "urban": Entry(_("milieu urbain"), "table"),
    "rural": Entry(_("milieu rural"), "table"),
    "parent_gap_years": Entry(_("écart d’âge entre parent et enfant, en deçà de"), "years"),
    "oldest_age": Entry(_("âge, au-delà de"), "years"),
    "rooms": Entry(_("pièces")),
    "phones_per_adult": Entry(_("téléphones par adulte")),
    "water_power_monthly": Entry(_("eau et électricité, par mois"), "money"),
    "butane_monthly": Entry(_("gaz butane, par mois"), "money"),
    "telecom_monthly": Entry(_("téléphone et internet, par mois"), "money"),
    "cars": Entry(_("voitures")),
    "cows": Entry(_("vaches")),
    "names": Entry(_("prénom et nom échangés"), "table"),
    "last": Entry(_("nom de famille"), "table"),
    "first": Entry(_("prénom"), "table"),
    "birth": Entry(_("naissance"), "table"),
    "sex": Entry(_("sexe"), "table"),
    "commune": Entry(_("commune"), "table"),
    "phone": Entry(_("téléphone"), "table"),
    "cin": Entry(_("numéro de CIN"), "table"),
    "mother": Entry(_("mère"), "table"),
    "father": Entry(_("père"), "table"),
    "same": Entry(_("identique"), most=10_000),
    "spelled": Entry(_("le même, écrit autrement"), most=10_000),
    "one_letter": Entry(_("à une lettre près"), most=10_000),
    "two_letters": Entry(_("à deux lettres près"), most=10_000),
    "crossed": Entry(_("échangés"), most=10_000),
    "year": Entry(_("même année, jour inconnu"), most=10_000),
    "swapped": Entry(_("jour et mois inversés"), most=10_000),
    "same_month": Entry(_("même mois, autre jour"), most=10_000),
    "anniversary": Entry(_("même jour, autre année"), most=10_000),
    "other": Entry(_("différent"), most=10_000),
}


MANNERS = {
    "bool": _("oui ou non"),
    "count": _("nombre"),
    "square": _("carré du nombre"),
    "share": _("part des membres du ménage"),
    "money": _("dirhams par an et par personne"),
}
"""How a formula counts an answer, by kind of variable."""


@dataclass(frozen=True)
class Line:
    """One line of a value: `label` is empty where the value has a single line.

    `figure`: a number, alone or with its unit. `latin`: written in Latin letters whatever the language, as a bank knows a payer.
    """

    label: str
    text: str
    figure: bool = False
    latin: bool = False


FAULTS = {
    "unknown_key": _("Cette disposition n’existe pas."),
    "needed": _("Le registre ne peut rien calculer sans cette valeur : elle se remplace, elle ne s’abroge pas."),
    "binary_fraction": _("Écrivez %(given)s entre guillemets, comme un texte : un nombre à virgule perdrait ses derniers chiffres."),
    "not_decimal": _("Écrivez un nombre de %(decimals)s décimales au plus, sans autre signe qu’une virgule."),
    "not_positive": _("Le nombre doit être plus grand que zéro."),
    "not_whole": _("Écrivez un nombre entier, zéro ou plus."),
    "not_boolean": _("Répondez par oui ou par non."),
    "not_text": _("Il manque un mot."),
    "empty_list": _("Choisissez au moins une réponse."),
    "repeated": _("Le même choix revient deux fois."),
    "entries": _("Il faut exactement ces rubriques : %(expected)s."),
    "first_of_month": _("Un mois se paie aux montants de son premier jour : choisissez un premier du mois."),
    "no_variable": _("Il faut au moins une variable dans chaque milieu."),
    "no_code": _("Cette variable n’a pas de code."),
    "code_twice": _("Le code %(variable)s revient deux fois."),
    "use_twice": _("La réponse %(fact)s est déjà comptée de cette manière (%(kind)s) par une autre variable."),
    "unknown_fact": _("Le registre n’a pas de réponse nommée %(fact)s dans ce milieu."),
    "wrong_kind": _("La réponse %(fact)s ne se compte pas ainsi (%(kind)s). Manières possibles : %(kinds)s."),
    "too_large": _("Ce coefficient doit rester entre −%(limit)s et %(limit)s, sans les atteindre."),
    "no_label": _("Il manque le libellé dans cette langue (%(language)s)."),
    "young_not_below_child": _("L’âge du petit enfant doit être inférieur à celui de l’enfant."),
    "no_band": _("Il faut au moins une ligne."),
    "ranks_apart": _("Les rangs se suivent sans trou à partir de 1 : cette ligne doit commencer au rang %(rank)s."),
    "ends_before_start": _("Cette ligne finit avant de commencer."),
    "ranks_end_elsewhere": _("La dernière ligne doit finir au rang %(rank)s, celui du dernier enfant compté."),
    "bands_apart": _("Chaque tranche commence où finit celle d’avant."),
    "bands_not_rising": _("Les bornes doivent monter d’une ligne à la suivante."),
    "wrong_rib": _("Ce numéro de compte n’est pas un relevé d’identité bancaire : 24 chiffres, les deux derniers étant la clé."),
    "wrong_bic": _("Un code BIC a 8 ou 11 lettres et chiffres."),
    "too_long": _("Au plus %(most)s caractères."),
    "last_not_open": _("La dernière tranche n’a pas de borne haute."),
}


def fault(wrong: Fault) -> str:
    """Why a value may not stand, for whoever typed it."""
    params = {name: listed(item) if isinstance(item, list) else item for name, item in wrong.params.items()}
    return FAULTS[wrong.code] % params


def fact(name: str) -> str:
    """What a formula reads, by the questions it is made from; its code tells apart the facts made from the same ones."""
    asks = BY_NAME[name].asks.split() if name in BY_NAME else [name]
    return f"{listed(QUESTIONS.get(ask, ask) for ask in asks)} ({name})"


def manner(kind: str) -> str:
    return str(MANNERS.get(kind, ""))


def kind_of(key: str) -> str:
    return KEYS[key].kind


def group_of(key: str) -> str:
    prefix = key.split(".")[0]
    return SAME_GROUP.get(prefix, prefix)


def keys_with(words: str) -> list[tuple[str, Any, list[tuple[str, Any]]]]:
    """(group, its words, [(key, label)]) for every key that has all the words given, its group's included."""
    wanted = words.casefold().split()
    grouped = []
    for name, group in GROUPS:
        keys = [(key, entry.label) for key, entry in KEYS.items() if group_of(key) == name]
        grouped.append((name, group, [one for one in keys if all(word in f"{group} {one[1]}".casefold() for word in wanted)]))
    return [one for one in grouped if one[2]]


def lines(key: str, value: Any) -> list[Line]:
    """A provision's value, read aloud; the formula is not: it has tables of its own."""
    return [] if KEYS[key].kind == "formula" else list(_lines("", KEYS[key], value))


def summary(key: str, value: Any) -> str:
    """A value in a few words, for a list of proposals."""
    if value is None:
        return gettext("abrogation")
    if KEYS[key].kind == "formula":
        return gettext("nouvelle formule")
    read = lines(key, value)
    return read[0].text if len(read) == 1 else ngettext("%(n)d valeur", "%(n)d valeurs", len(read)) % {"n": len(read)}


def threshold(value: str) -> str:
    """All seven decimals and a comma, as administrators compare them."""
    return numerals.points(threshold_points(value))


def _lines(label: str, entry: Entry, value: Any) -> Iterator[Line]:
    if entry.kind == "table":
        yield from _table(label, value)
    elif entry.kind == "amounts":
        for band in value["bands"]:
            ranks = gettext("enfants de rang %(first)s à %(last)s") % band
            yield from _table(ranks, {name: amount for name, amount in band.items() if name not in ("first", "last")})
        yield from _table("", {name: amount for name, amount in value.items() if name != "bands"})
    elif entry.kind == "bands":
        yield from (_contribution(band) for band in value)
    else:
        yield _line(label, entry, value)


def _table(label: str, value: Mapping[str, Any]) -> Iterator[Line]:
    """In the order of FIELDS: the database keeps the entries of a table in none."""
    for name in sorted(value, key=list(FIELDS).index):
        entry = FIELDS[name]
        own = listed([label, entry.label]) if label else str(entry.label)
        yield from _lines(own, entry, value[name])


def _contribution(band: Mapping[str, Any]) -> Line:
    above = threshold(band["above"])
    if "up_to" in band:
        label = gettext("indice au-dessus de %(above)s, jusqu’à %(up_to)s") % {"above": above, "up_to": threshold(band["up_to"])}
    else:
        label = gettext("indice au-dessus de %(above)s") % {"above": above}
    return Line(label, _money(band["monthly"]), figure=True)


def _line(label: str, entry: Entry, value: Any) -> Line:
    if entry.kind == "codes":
        words = dict(entry.codes.choices)
        return Line(label, listed((words[str(code)] for code in value), apart=True))
    if entry.kind == "words":
        return Line(label, listed(WORDS[word] for word in value))
    read, figure = READERS[entry.kind](value), entry.kind in ("number", "threshold", "money", "millions")
    return Line(label, read, figure=figure, latin=entry.kind == "text")


def _money(centimes: int) -> str:
    return gettext("%(amount)s MAD") % {"amount": numerals.dirhams(centimes)}


def _millions(centimes: int) -> str:
    return gettext("%(amount)s millions de MAD") % {"amount": numerals.decimal(centimes, 8, trim=True)}


def _day(text: str) -> str:
    return day(date.fromisoformat(text))


def _month_day(text: str) -> str:
    return day(date.fromisoformat(f"2000-{text}"), "MONTH_DAY_FORMAT")


READERS = {
    "number": numerals.grouped,
    "threshold": threshold,
    "money": _money,
    "millions": _millions,
    "years": lambda n: ngettext("%(n)d an", "%(n)d ans", n) % {"n": n},
    "months": lambda n: ngettext("%(n)d mois", "%(n)d mois", n) % {"n": n},
    "days": lambda n: ngettext("%(n)d jour", "%(n)d jours", n) % {"n": n},
    "yes_no": lambda yes: gettext("oui") if yes else gettext("non"),
    "day": _day,
    "month_day": _month_day,
    "word": lambda word: str(WORDS[word]),
    "text": str,
}
