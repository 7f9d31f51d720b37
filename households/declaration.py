"""A whole declaration read against a commune, a law and a day: clean values, or what to mend and where.

Pure functions: nothing is fetched, nothing is kept. Answers to questions that do not concern a person or a milieu are
left out, so that they are never stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from . import entries, family, plausible
from .ages import age_on
from .entries import Unreadable, typed
from .occupations import group_of
from .problems import Problem
from .questions import Question, household_questions, person_questions

OLDEST_YEAR = 1880
"""A year before it is a slip of the hand; a technical bound: the law says from what age a birth is confirmed."""


class Place(Protocol):
    """What is read of a commune."""

    milieu: str
    has_urban_center: bool


@dataclass
class Declaration:
    """`household` and each of `members` hold model values; `spouse`, `mother`, `father` are positions, 1 the first person.

    A husband's `spouse` is None: his wives point to him, whoever declared it.
    """

    milieu: str | None
    household: dict[str, Any] = field(default_factory=dict)
    members: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def milieu_of(place: Place | None, inside_center) -> str | None:
    """The household's milieu: its commune's, unless it lives in a rural commune's urban center; None while not known."""
    if place is None:
        return None
    if not place.has_urban_center:
        return str(place.milieu)
    return {"true": "urban", "false": "rural"}.get(typed(inside_center))


def read(answers: Mapping, *, place: Place | None, on: date, law, supervised: bool = False) -> Declaration:
    """Read everything; `supervised` when a supervisor declares, who alone may accept a minor as head."""
    declaration = Declaration(milieu_of(place, answers.get("inside_center")))
    _read_household(declaration, answers, place, on=on)
    people = answers.get("members")
    people = people if isinstance(people, list) else []
    for position, person in enumerate(people, start=1):
        values, problems = read_person(person, position=position, size=len(people), milieu=declaration.milieu, on=on, law=law)
        declaration.members.append(values)
        declaration.problems += problems
    declaration.problems += family.check(declaration.members, on=on, law=law, supervised=supervised)
    declaration.problems += plausible.check(declaration, confirmed=answers.get("confirmed"), on=on, law=law)
    return declaration


def _read_household(declaration: Declaration, answers: Mapping, place: Place | None, *, on: date) -> None:
    values, problems = declaration.household, declaration.problems
    if place is None:
        problems.append(Problem("commune", _("Choisissez une commune de votre territoire."), missing=not typed(answers.get("commune"))))
    for question in household_questions(declaration.milieu):
        if question.field == "commune" or (question.field == "inside_center" and not (place and place.has_urban_center)):
            continue
        if question.concerns(answers, age=None, adult_age=0):
            _read_one(question, answers, values, problems, on=on)
    if values.get("water_in_electricity") and any(map(typed, _listed(answers.get("water_bills")))):
        sentence = _("Des montants d’eau sont donnés et l’eau est dite comprise dans l’électricité : gardez l’un des deux.")
        problems.append(Problem("water_bills", sentence))
    if values.get("dwelling_type") == "none":
        _without_dwelling(declaration, answers)
    elif values.get("rooms") == 0:
        problems.append(Problem("rooms", _("Comptez au moins une pièce ; 0 seulement pour un ménage sans logement fixe.")))


def _without_dwelling(declaration: Declaration, answers: Mapping) -> None:
    """No fixed dwelling: no room, and in town neither bath nor meter."""
    if entries.compact(answers.get("rooms")).strip("0"):
        sentence = _("Un ménage sans logement fixe n’occupe aucune pièce : laissez vide, ou choisissez un type de logement.")
        declaration.problems.append(Problem("rooms", sentence))
    town = {"bath": False, "electricity_meter": "none"} if declaration.milieu == "urban" else {}
    declaration.household |= {"rooms": 0} | town


def _listed(value) -> list:
    return value if isinstance(value, list) else []


def _read_one(question: Question, answers: Mapping, values: dict, problems: list[Problem], *, on: date, prefix: str = "") -> None:
    """One answer into `values`, or one problem; an empty answer that is not needed is left out."""
    raw = answers.get(question.field)
    if question.kind == "fixed_dwelling" and typed(raw) != "none":
        return  # In town only its absence is read; the type given before a move into an urban center stands aside.
    try:
        if question.kind == "bills":
            raw = _bills_entry(question.field, answers)
        elif isinstance(raw, (list, dict)):
            raise Unreadable(_("Cette réponse n’a pas la forme attendue."))
        if raw == [] or typed(raw):
            values[question.field] = value_of(question, raw)
        elif question.needed:
            sentence = _("Il manque la réponse à : « %(question)s ».") % {"question": question.label}
            problems.append(Problem(prefix + question.field, sentence, missing=True, question=str(question.label)))
    except Unreadable as unreadable:
        problems.append(Problem(prefix + question.field, _told(unreadable, on)))


def _told(unreadable: Unreadable, on: date) -> str:
    """Of the three bills of a question, the month of the one that cannot be read."""
    if unreadable.month is None:
        return str(unreadable)
    return _("%(month)s : %(sentence)s") % {"month": capfirst(entries.last_months(on)[unreadable.month]), "sentence": unreadable}


def _bills_entry(name: str, answers: Mapping):
    """The months typed, or [] when "no bill" is ticked; both at once is a contradiction to settle."""
    raw = answers.get(name)
    given = any(map(typed, _listed(raw)))
    if typed(answers.get(f"{name}_none")) == "true":
        if given:
            raise Unreadable(_("Des montants sont donnés et « aucune facture » est coché : gardez l’un des deux."))
        return []
    return None if raw and isinstance(raw, list) and not given else raw


def value_of(question: Question, raw):
    """One answer as typed into its value. Raises Unreadable."""
    match question.kind:
        case "text":
            return entries.text(raw, question.longest)
        case "cin":
            return entries.text(entries.compact(raw).upper(), question.longest)
        case "choice":
            return entries.choice(raw, question.codes())
        case "fixed_dwelling":
            return entries.choice(raw, ["none"])
        case "money":
            return entries.money(raw)
        case "bills":
            return entries.bills(raw)
        case "day":
            return entries.day(raw)
        case "idcs":
            return entries.idcs(raw)
        case "phone":
            return entries.phone(raw)
        case "yes_no" | "flag":
            return entries.flag(raw)
        case _:
            return entries.count(raw)


def read_person(person, *, position: int, size: int, milieu: str | None, on: date, law) -> tuple[dict, list[Problem]]:
    """One member's values and problems, as far as they can be told without the other members."""
    prefix, problems = f"members.{position}.", []
    if not isinstance(person, Mapping):
        return {}, [Problem(prefix.rstrip("."), _("Cette réponse n’a pas la forme attendue."))]
    values: dict[str, Any] = {}
    born_on, precision, wrong = birth(person, on=on, law=law)
    unborn = not typed(person.get("birth_year"))
    problems += [Problem(prefix + name, sentence, missing=unborn and name == "birth_year") for name, sentence in wrong]
    if born_on:
        values |= {"born_on": born_on, "birth_precision": precision}
    age, adult_age = age_on(on, born_on) if born_on else None, law.value("registration.adult_age")
    given = {"nationality": "ma", **person}
    if not typed(given.get("occupation_group")) and (group := group_of(typed(given.get("occupation")))):
        given["occupation_group"] = group
    for question in person_questions(milieu):
        if not question.field.startswith("birth_") and question.concerns(given, age=age, adult_age=adult_age):
            _read_one(question, given, values, problems, on=on, prefix=prefix)
    problems += _person_dates(values, prefix, on)
    problems += _pointers(values, prefix, position, size)
    problems += _charge(values, prefix, age, adult_age)
    return values, problems


def birth(person: Mapping, *, on: date, law) -> tuple[date | None, str, list[tuple[str, str]]]:
    """(day, precision, problems): the year is compulsory, unknown parts are filled as the law says."""
    parts: dict[str, int | None] = {}
    for name, low, high, sentence in (
        ("birth_year", OLDEST_YEAR, on.year, _("Écrivez l’année de naissance en quatre chiffres, passée ou en cours.")),
        ("birth_month", 1, 12, _("Un mois va de 1 à 12.")),
        ("birth_day", 1, 31, _("Un jour va de 1 à 31.")),
    ):
        text = entries.compact(person.get(name))
        if text and not (text.isascii() and text.isdigit() and len(text) <= 4 and low <= int(text) <= high):
            return None, "", [(name, sentence)]
        parts[name] = int(text) if text else None
    year, month, day = parts.values()
    if year is None:
        return None, "", [("birth_year", _("L’année de naissance est nécessaire ; le jour et le mois peuvent être inconnus."))]
    if day and not month:
        return None, "", [("birth_month", _("Le jour est donné sans le mois : ajoutez le mois, ou retirez le jour."))]
    unknown = law.value("registration.unknown_birth_part")
    try:
        born_on = date(year, month or unknown, day or unknown)
    except ValueError:
        return None, "", [("birth_day", _("Ce jour n’existe pas dans le calendrier."))]
    if born_on > on:
        return None, "", [("birth_day" if day else "birth_month", _("Cette date est dans l’avenir."))]
    return born_on, "day" if day else "month" if month else "year", []


def _person_dates(values: dict, prefix: str, on: date) -> list[Problem]:
    problems = []
    for name in ("father_died_on", "disability_since", "other_allowances_since"):
        if name in values and values[name] > on:
            problems.append(Problem(prefix + name, _("Cette date est dans l’avenir.")))
    for start, end in (("disability_since", "disability_until"), ("other_allowances_since", "other_allowances_until")):
        if start in values and end in values and values[end] <= values[start]:
            problems.append(Problem(prefix + end, _("La fin doit suivre le début.")))
    return problems


def _pointers(values: dict, prefix: str, position: int, size: int) -> list[Problem]:
    """Pointers to nobody are dropped with a problem, so that what follows may trust those left."""
    problems = []
    for name in ("spouse", "mother", "father"):
        target = values.get(name)
        if target is None:
            continue
        if not 1 <= target <= size:
            problems.append(Problem(prefix + name, _("Cette personne n’est pas dans le ménage.")))
        elif target == position:
            own = {
                "spouse": _("Une personne ne peut pas être son propre conjoint."),
                "mother": _("Une personne ne peut pas être sa propre mère."),
            }
            problems.append(Problem(prefix + name, own.get(name, _("Une personne ne peut pas être son propre père."))))
        else:
            continue
        del values[name]
    return problems


def _charge(values: dict, prefix: str, age: int | None, adult_age: int) -> list[Problem]:
    """Who has charge is compulsory for an unmarried minor without his father here."""
    minor = age is not None and age < adult_age and values.get("marital_status") == "single"
    if minor and "father" not in values and "charge" not in values:
        return [Problem(prefix + "charge", _("Dites qui a la charge de cet enfant, puisque son père ne vit pas ici."), missing=True)]
    return []
