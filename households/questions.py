"""What a family is asked: the catalog from which the forms, the checks and the summary are all made.

Ids are those of the statistics office's headings: P01-P20 for each person, H01-H23 for the household, none for plain
identity. `variables` names the formula's own codes (U urban, R rural) that each answer feeds; people never see them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from . import answers, countries
from .entries import typed

URBAN, RURAL = frozenset({"urban"}), frozenset({"rural"})
BOTH = URBAN | RURAL

SECTIONS = {
    "address": _("Adresse"),
    "members": _("Personnes"),
    "dwelling": _("Logement"),
    "bills": _("Dépenses"),
    "equipment": _("Équipement"),
    "property": _("Biens"),
}
"""Sections of the household's own questions, in the order shown; `members` has one page a person."""

PERSON_PARTS = {
    "identity": _("Identité"),
    "family": _("Famille"),
    "studies": _("Études"),
    "work": _("Travail"),
    "cover": _("Santé et allocations"),
}


@dataclass(frozen=True)
class Condition:
    """An answer that must stand (or, negated, must not) for another question to be asked; "" is no answer."""

    field: str
    values: tuple[str, ...]
    negated: bool = False

    def met(self, given: Mapping) -> bool:
        return (typed(given.get(self.field)) in self.values) != self.negated

    def __str__(self) -> str:
        return f"{self.field}{'!' if self.negated else ''}={'|'.join(self.values)}"


@dataclass(frozen=True)
class Who:
    """Whom a question concerns: completed years, both ends included, and answers already given.

    `from_age` is a year early where a birthday alone makes the answer count, so that birthdays need no new visit.
    `adults` reads the age of majority from the law.
    """

    from_age: int | None = None
    to_age: int | None = None
    adults: bool = False
    conditions: tuple[Condition, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Question:
    """`kind` is how the answer is read: choice, yes_no, flag, count, money, bills, text, day, year, month, number, member,
    idcs, phone, place. `needed` answers are compulsory for whom they concern: nothing is ever imputed."""

    id: str
    field: str
    label: str
    kind: str
    section: str
    hint: str = ""
    choices: type | Callable | None = None
    milieux: frozenset[str] = BOTH
    variables: str = ""
    who: Who = Who()
    needed: bool = True
    longest: int = 60

    def options(self) -> list[tuple[str, str]]:
        if self.choices is None:
            return []
        return list(getattr(self.choices, "choices", None) or self.choices())

    def codes(self) -> list[str]:
        """What `options` are kept under, without their words."""
        if isinstance(self.choices, type):
            return [choice.value for choice in self.choices]
        return [code for code, _label in self.options()]

    def concerns(self, given: Mapping, *, age: int | None, adult_age: int) -> bool:
        """Whether the question is put, knowing the other answers; an unknown age concerns nobody where age matters."""
        low = adult_age if self.who.adults else self.who.from_age
        if low is not None and (age is None or age < low):
            return False
        if self.who.to_age is not None and (age is None or age > self.who.to_age):
            return False
        return all(condition.met(given) for condition in self.who.conditions)


def _when(*texts: str, words: str = "", **ages) -> Who:
    """`field=a|b` or `field!=a|b`, all of them."""
    conditions = []
    for text in texts:
        field, values = text.split("=", 1)
        conditions.append(Condition(field.rstrip("!"), tuple(values.split("|")), field.endswith("!")))
    return Who(conditions=tuple(conditions), words=words, **ages)


_FROM_14 = Who(from_age=14, words=_("15 ans ou plus, ou bientôt 15 ans"))
_AT_SCHOOL_AGE = Who(from_age=3, to_age=25, words=_("de 3 à 25 ans"))
_SCHOOLED = _when("schooling!=no|", from_age=3, to_age=25, words=_("s’il ou elle suit une école ou une formation"))
_EMPLOYED = _when("situation=employed", from_age=14, words=_("s’il ou elle travaille"))
_HELPING = _when("situation=employed", "work_status=family_worker|apprentice", from_age=14, words=_("aide familial ou apprenti"))
_FATHERLESS = _when("father=", to_age=20, words=_("moins de 21 ans, père absent du ménage"))
_FATHER_DEAD = _when("father=", "father_status=deceased", to_age=20, words=_("si son père est décédé"))
_IN_CHARGE = _when("father=", "charge!=|mother", to_age=20, words=_("garde, kafala ou tutelle"))
_FOREIGN = _when("nationality!=ma|", words=_("pour un étranger"))
_COVERED = _when("cover!=none|", words=_("s’il ou elle a une couverture"))
_DISABLED = _when("disability!=none|", words=_("s’il ou elle a une attestation"))
_OTHER_SCHEME = _when("other_allowances=true", adults=True, words=_("si oui"))
_HOUSED = _when("dwelling_type!=none", words=_("si le ménage a un logement fixe"))

PERSON = (
    Question("", "idcs", _("Identifiant civil et social (IDCS)"), "idcs", "identity",
             _("Dix chiffres, donnés par le registre de la population.")),
    Question("", "first_name_fr", _("Prénom en lettres latines"), "text", "identity"),
    Question("", "last_name_fr", _("Nom en lettres latines"), "text", "identity"),
    Question("", "first_name_ar", _("Prénom en arabe"), "text", "identity", needed=False),
    Question("", "last_name_ar", _("Nom en arabe"), "text", "identity", needed=False),
    Question("", "cin", _("Numéro de la carte nationale (CIN)"), "cin", "identity",
             _("Si la personne en a une."), needed=False, longest=10),
    Question("P01", "relation", _("Lien avec le chef de ménage"), "choice", "identity", choices=answers.Relation, variables="U01 R01"),
    Question("P02", "sex", _("Sexe"), "choice", "identity", choices=answers.Sex),
    Question("P02", "birth_year", _("Année de naissance"), "year", "identity", variables="U21 U22 U23 U24 U25 R19 R20 R21 R22"),
    Question("P02", "birth_month", _("Mois de naissance"), "month", "identity", _("Si connu."), needed=False),
    Question("P02", "birth_day", _("Jour de naissance"), "number", "identity", _("Si connu."), needed=False),
    Question("P03", "nationality", _("Nationalité"), "choice", "identity", choices=countries.choices, needed=False),
    Question("P03", "permit_number", _("Numéro du titre de séjour"), "text", "identity", who=_FOREIGN, longest=30),
    Question("P03", "permit_until", _("Fin du titre de séjour"), "day", "identity", _("Jour, mois, année."), who=_FOREIGN),
    Question("P04", "marital_status", _("Situation familiale"), "choice", "family", choices=answers.MaritalStatus, variables="U02"),
    Question("P05", "spouse", _("Son mari ou sa femme vit-il ici ? Qui ?"), "member", "family",
             _("Plusieurs épouses : chacune désigne son mari."), variables="U02",
             who=_when("marital_status=married", words=_("si marié")), needed=False),
    Question("P06", "mother", _("Sa mère vit-elle ici ? Qui ?"), "member", "family", variables="U02", needed=False),
    Question("P07", "father", _("Son père vit-il ici ? Qui ?"), "member", "family", variables="U02", needed=False),
    Question("P08", "father_status", _("Son père est-il vivant ?"), "choice", "family", choices=answers.FatherStatus, who=_FATHERLESS),
    Question("P08", "father_died_on", _("Date du décès du père"), "day", "family", _("Jour, mois, année."), who=_FATHER_DEAD),
    Question("P08", "charge", _("Qui a la charge de l’enfant ?"), "choice", "family",
             choices=answers.Charge, who=_FATHERLESS, needed=False),
    Question("P08", "charge_document", _("Document qui le prouve"), "text", "family",
             _("Numéro du jugement ou de l’acte."), who=_IN_CHARGE, needed=False),
    Question("P09", "schooling", _("Suit-il (elle) une école ou une formation cette année ?"), "choice", "studies",
             choices=answers.Schooling, variables="U23 U24", who=_AT_SCHOOL_AGE),
    Question("P10", "school_sector", _("Établissement public ou privé ?"), "choice", "studies",
             choices=answers.SchoolSector, variables="U23 U24", who=_SCHOOLED),
    Question("P11", "education_level", _("Plus haut niveau d’études suivi, achevé ou non"), "choice", "studies",
             choices=answers.EducationLevel, variables="U06 R05", who=_when("relation=head", words=_("pour le chef de ménage"))),
    Question("P12", "diploma", _("Plus haut diplôme obtenu"), "choice", "studies",
             _("Obtenu, non préparé. Le dernier de la liste est le plus haut."), choices=answers.Diploma,
             variables="U25 U26 R23", who=_FROM_14),
    Question("P13", "literate", _("Sait-il (elle) lire et écrire, dans une langue au moins ?"), "yes_no", "studies",
             milieux=RURAL, variables="R22", who=_FROM_14),
    Question("P14", "situation", _("Situation principale aujourd’hui"), "choice", "work",
             _("Une seule réponse. Qui travaille « travaille », même retraité ou étudiant."),
             choices=answers.Situation, variables="U07 U08 U09 U10 U27 U28 U29 R06 R07 R08 R09 R10 R24", who=_FROM_14),
    Question("P15", "occupation", _("Métier"), "text", "work",
             _("Commencez à l’écrire : le groupe suit pour les métiers de la liste."), who=_EMPLOYED, needed=False, longest=80),
    Question("P15", "occupation_group", _("Groupe de métiers"), "choice", "work", choices=answers.OccupationGroup,
             variables="U07 U08 U28 U29 R06 R07 R08 R09 R24", who=_EMPLOYED),
    Question("P16", "work_status", _("À son compte, salarié … ?"), "choice", "work", choices=answers.WorkStatus,
             variables="U09 U27 R10", who=_EMPLOYED),
    Question("P17", "paid", _("Est-il (elle) payé(e) pour ce travail ?"), "yes_no", "work", variables="U27", who=_HELPING),
    Question("P18", "cover", _("Couverture maladie"), "choice", "cover", choices=answers.Cover, variables="U14 R13"),
    Question("P18", "cover_quality", _("En son nom ou par quelqu’un ?"), "choice", "cover", choices=answers.CoverQuality, who=_COVERED),
    Question("P19", "disability", _("Attestation de handicap"), "choice", "cover", choices=answers.Disability),
    Question("P19", "disability_number", _("Numéro de l’attestation"), "text", "cover", who=_DISABLED, longest=30),
    Question("P19", "disability_since", _("Date de l’attestation"), "day", "cover", _("Jour, mois, année."), who=_DISABLED, needed=False),
    Question("P19", "disability_until", _("Fin de validité de l’attestation"), "day", "cover",
             _("Laissez vide si elle est sans limite."), who=_DISABLED, needed=False),
    Question("P20", "other_allowances",
             _("Reçoit-il (elle) des allocations familiales d’un autre régime, ou est-il (elle) déclaré(e) salarié(e) ?"),
             "yes_no", "cover", who=Who(adults=True, words=_("pour un adulte"))),
    Question("P20", "other_allowances_scheme", _("Quel régime ?"), "text", "cover", who=_OTHER_SCHEME),
    Question("P20", "other_allowances_since", _("Depuis quelle date ?"), "day", "cover",
             _("Jour, mois, année."), who=_OTHER_SCHEME, needed=False),
    Question("P20", "other_allowances_until", _("Jusqu’à quelle date ?"), "day", "cover",
             _("Laissez vide si cela continue."), who=_OTHER_SCHEME, needed=False),
)  # fmt: skip

HOUSEHOLD = (
    Question("H01", "commune", _("Commune ou arrondissement"), "place", "address"),
    Question("H02", "inside_center", _("Le logement est-il dans le centre urbain ?"), "yes_no", "address",
             _("Demandé dans les communes rurales qui ont un centre urbain : la réponse change les questions posées.")),
    Question("H01", "address", _("Adresse"), "text", "address", _("Rue, numéro, douar ou quartier."), needed=False, longest=200),
    Question("", "phone", _("Téléphone"), "phone", "address", _("Dix chiffres, par exemple 0612345678."), needed=False),
    Question("H03", "dwelling_type", _("Type de logement"), "choice", "dwelling",
             choices=answers.DwellingType, milieux=RURAL, variables="R02"),
    Question("H03", "dwelling_type", _("Le ménage a-t-il un logement fixe ?"), "fixed_dwelling", "dwelling", milieux=URBAN, needed=False),
    Question("H04", "rooms", _("Combien de pièces le ménage occupe-t-il ?"), "count", "dwelling",
             _("Chambres et salons ; ni cuisine, ni salle d’eau, ni couloir, ni garage, ni pièce de travail, ni étable. "
               "Logement partagé : les pièces de ce ménage seulement."), variables="U03 R03 R04", who=_HOUSED),
    Question("H05", "bath", _("Y a-t-il un bain ou une douche dans le logement ?"), "yes_no", "dwelling",
             _("Partagé à l’intérieur du logement : oui. Hammam public : non."), milieux=URBAN, variables="U04", who=_HOUSED),
    Question("H06", "electricity_meter", _("Le logement a-t-il son propre compteur d’électricité ?"), "choice", "dwelling",
             choices=answers.Meter, milieux=URBAN, variables="U05", who=_HOUSED),
    Question("H07", "electricity_bills", _("Électricité : payé chaque mois, trois derniers mois"), "bills", "bills",
             _("En dirhams. Un mois inconnu reste vide ; un mois sans rien payer s’écrit 0. Facture de deux mois : la moitié dans chacun. "
               "Recharges prépayées comprises ; panneaux solaires et bougies non."), variables="U34 R27"),
    Question("H08", "water_bills", _("Eau : payé chaque mois, trois derniers mois"), "bills", "bills",
             _("En dirhams. L’eau achetée (citerne, fontaine) compte."), variables="U34 R27",
             who=_when("water_in_electricity!=true")),
    Question("H08", "water_in_electricity", _("L’eau est comprise dans la facture d’électricité"), "flag", "bills", needed=False),
    Question("H09", "butane_month", _("Gaz butane : dépense d’un mois"), "money", "bills",
             _("En dirhams : nombre de bouteilles par mois × prix d’une bouteille. 0 si le ménage n’en achète pas."), variables="U33 R26"),
    Question("H10", "telecom_bills", _("Téléphone et internet, tout le foyer, recharges et abonnements, trois derniers mois"),
             "bills", "bills",
             _("En dirhams, toutes les lignes et toutes les recharges ensemble."), variables="U35 R28"),
    Question("H11", "computer", _("Un ordinateur ou plus ?"), "yes_no", "equipment",
             _("Portable : oui. Tablette ou téléphone : non."), milieux=URBAN, variables="U11"),
    Question("H12", "dish", _("Une antenne parabolique ?"), "yes_no", "equipment", milieux=URBAN, variables="U12"),
    Question("H13", "landline", _("Un téléphone fixe (ligne en service) ?"), "yes_no", "equipment", milieux=URBAN, variables="U13"),
    Question("H14", "mobile_phones", _("Combien de téléphones portables en usage ?"), "count", "equipment",
             _("Les appareils, non les cartes."), milieux=URBAN, variables="U30"),
    Question("H15", "cars", _("Combien de voitures à la disposition du ménage ?"), "count", "equipment",
             _("Camionnettes et pick-up : oui. Camions, tracteurs, véhicule de service : non."), variables="U31 R11"),
    Question("H16", "motorcycles", _("Combien de motocycles ?"), "count", "equipment",
             _("Scooters et triporteurs : oui. Bicyclettes : non."), variables="U32 R12"),
    Question("H17", "loan", _("Un crédit en cours auprès d’une banque, d’un organisme financier ou d’un employeur ?"), "yes_no", "property",
             _("Microcrédit : oui. Épicier ou famille : non."), milieux=URBAN, variables="U15"),
    Question("H18", "second_home", _("Un logement possédé en plus de celui-ci ?"), "yes_no", "property",
             _("Au Maroc ou à l’étranger, quel que soit son usage."), variables="U16 R14"),
    Question("H19", "garage", _("Un garage possédé ?"), "yes_no", "property",
             _("Celui d’un logement loué : non."), milieux=URBAN, variables="U17"),
    Question("H20", "premises", _("Un local professionnel possédé ?"), "yes_no", "property",
             _("Boutique, atelier, dépôt. Loué : non."), milieux=URBAN, variables="U18"),
    Question("H21", "land", _("Un terrain non agricole possédé ?"), "yes_no", "property", milieux=RURAL, variables="R15"),
    Question("H22", "irrigated_land", _("Une terre irriguée possédée ou exploitée ?"), "yes_no", "property",
             _("Louée ou en métayage : oui."), milieux=RURAL, variables="R16"),
    Question("H23", "cows", _("Combien de vaches possédées ?"), "count", "property",
             _("Les vaches ; ni veaux, ni taureaux."), milieux=RURAL, variables="R25"),
)  # fmt: skip


def household_questions(milieu: str | None, section: str | None = None) -> list[Question]:
    """The household's questions for its milieu; only the address is asked while the milieu is not known."""
    return [q for q in HOUSEHOLD if (milieu in q.milieux or q.section == "address") and section in (None, q.section)]


def person_questions(milieu: str | None, part: str | None = None) -> list[Question]:
    """Each person's questions; while the milieu is not known, those of both."""
    return [q for q in PERSON if (milieu is None or milieu in q.milieux) and part in (None, q.section)]


BY_FIELD = {q.field: q for q in (*PERSON, *HOUSEHOLD)}
