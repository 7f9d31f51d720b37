"""A comparison of two scores in the words of the counter: what changed, before and after, and the points it made."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from eligibility.comparisons import Comparison
from eligibility.differences import CONSTANT, REGION, Cause, Part
from eligibility.facts import BY_NAME
from households.drafts import POINTERS
from households.history import Answers
from households.models import Household, Member
from households.questions import BY_FIELD
from rsu import numerals, statement, wording

TITLES = {
    Cause.ANSWERS: gettext_lazy("Les réponses"),
    Cause.PEOPLE: gettext_lazy("Les personnes du ménage"),
    Cause.AGE: gettext_lazy("L’âge seul"),
    Cause.MIXED: gettext_lazy("Les réponses ou l’âge"),
    Cause.MOVE: gettext_lazy("Le déménagement"),
    Cause.READING: gettext_lazy("La lecture des réponses par la loi"),
    Cause.FORMULA: gettext_lazy("La formule"),
}
HINTS = {
    Cause.ANSWERS: gettext_lazy("ce que la famille a déclaré autrement"),
    Cause.PEOPLE: gettext_lazy("qui est arrivé, qui est parti, et ce que chacun partage"),
    Cause.AGE: gettext_lazy("les anniversaires passés, rien d’autre n’ayant changé"),
    Cause.MIXED: gettext_lazy("les réponses d’avant ne peuvent plus être relues : les deux causes restent ensemble"),
    Cause.MOVE: gettext_lazy("un autre milieu ou une autre région : d’autres questions, d’autres coefficients"),
    Cause.READING: gettext_lazy("les mêmes réponses, comptées autrement par un nouveau texte"),
    Cause.FORMULA: gettext_lazy("les mêmes réponses, d’autres coefficients"),
}


@dataclass(frozen=True)
class Change:
    """One answer that changed: who gave it (empty: the household), the question, and the answer before and after; `asks` is its number."""

    who: str
    question: str
    before: str
    after: str
    asks: str = ""


@dataclass(frozen=True)
class Row:
    """One part of the difference; `changes` are the answers behind it."""

    label: str
    before: str
    after: str
    points: int
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True)
class Group:
    cause: Cause
    rows: list[Row]

    @property
    def title(self) -> str:
        return str(TITLES[self.cause])

    @property
    def hint(self) -> str:
        return str(HINTS[self.cause])

    @property
    def points(self) -> int:
        return sum(row.points for row in self.rows)


@dataclass(frozen=True)
class Explanation:
    """`groups` sum to the difference; `silent` are answers that changed and weigh nothing; who `came` and who `left`."""

    comparison: Comparison
    groups: list[Group]
    silent: list[Change]
    came: list[Member]
    left: list[Member]

    @property
    def points(self) -> int:
        return self.comparison.points


def explained(comparison: Comparison, *, regions: dict[int, str]) -> Explanation:
    """`regions` names each region by its number."""
    found = comparison.difference
    changes = changed_answers(comparison.old, comparison.new) if comparison.rebuilt else []
    groups, said = [], set()
    for cause in Cause:
        rows = []
        for part in found.of(cause):
            behind = _behind(part, changes) if cause in (Cause.ANSWERS, Cause.PEOPLE, Cause.MIXED) and part.before != part.after else []
            said.update(map(id, behind))
            rows.append(_row(part, comparison, regions, behind))
        if rows:
            groups.append(Group(cause, rows))
    came, left = _people(comparison)
    return Explanation(comparison, groups, [change for change in changes if id(change) not in said], came, left)


def _behind(part: Part, changes: list[Change]) -> list[Change]:
    asked = BY_NAME[part.fact].asks.split() if part.fact in BY_NAME else []
    return [change for change in changes if change.asks in asked]


def _row(part: Part, comparison: Comparison, regions: dict[int, str], changes: list[Change]) -> Row:
    before, after = _values(part, comparison, regions)
    return Row(_label(part, comparison), before, after, part.points, changes)


def _label(part: Part, comparison: Comparison) -> str:
    """What the sum of a score calls the fact, in whichever milieu asks it."""
    for side in (comparison.difference.after, comparison.difference.before):
        milieu = side.facts["milieu"]
        if part.fact == CONSTANT:
            return statement.term_label(side.formula.constants[milieu])
        if part.fact == REGION:
            return statement.term_label(side.formula.regions[milieu][side.facts["region"]])
        for variable in side.formula.variables[milieu]:
            if variable.fact == part.fact:
                return statement.label(variable)
    return part.fact


def _values(part: Part, comparison: Comparison, regions: dict[int, str]) -> tuple[str, str]:
    """The fact before and after; of a formula and of a move, the coefficients."""
    if part.cause in (Cause.FORMULA, Cause.MOVE):
        return _weights(part, comparison, regions)
    sizes = comparison.readings[0].size, comparison.readings[1].size
    if part.cause is not Cause.PEOPLE:
        size = sizes[0] if part.cause in (Cause.AGE, Cause.READING) else sizes[1]
        return statement.answered(part.kind, part.before, size), statement.answered(part.kind, part.after, size)
    if part.kind == "money":
        return tuple(_shared(part.before, size) for size in sizes)
    return statement.answered(part.kind, part.before, sizes[0]), statement.answered(part.kind, part.after, sizes[1])


def _shared(value: int, size: int) -> str:
    return _("{amount}, pour {size}").format(amount=statement.answered("money", value, size), size=size)


def _weights(part: Part, comparison: Comparison, regions: dict[int, str]) -> tuple[str, str]:
    if part.cause is Cause.MOVE and part.fact == REGION:
        return tuple(regions.get(row.region, str(row.region)) for row in comparison.readings)
    written = [(_coefficient(old), _coefficient(new)) for old, new in part.weights if old != new]
    return wording.listed((old for old, _new in written), apart=True), wording.listed((new for _old, new in written), apart=True)


def _coefficient(billionths: int) -> str:
    """An absent variable weighs nothing: a dash, not a zero the law never wrote."""
    return numerals.decimal(billionths, 9, trim=True) if billionths else "–"


# What the family answered otherwise ---------------------------------------------------------------------------------


def _people(comparison: Comparison) -> tuple[list[Member], list[Member]]:
    if not comparison.rebuilt:
        return [], []
    before, after = ({member.idcs for member in answers.members.values()} for answers in (comparison.old, comparison.new))
    came = [member for member in comparison.new.members.values() if member.idcs not in before]
    return came, [member for member in comparison.old.members.values() if member.idcs not in after]


def changed_answers(old: Answers, new: Answers) -> list[Change]:
    """Every answer of the household, then of each member who stayed, that is not what it was."""
    after = {member.idcs: member for member in new.members.values()}
    stayed = [(member, after[member.idcs]) for member in old.members.values() if member.idcs in after]
    people = chain.from_iterable(_of_person(*pair, old, new) for pair in stayed)
    return [*_of_household(old.household, new.household), *people]


def _of_household(old: Household, new: Household) -> Iterable[Change]:
    if old.commune_id != new.commune_id:
        yield Change("", str(BY_FIELD["commune"].label), str(old.commune), str(new.commune), "H01")
    if old.milieu != new.milieu:
        yield Change("", _("Milieu"), str(old.get_milieu_display()), str(new.get_milieu_display()), "H02")
    for name in (*wording.DWELLING, "water_in_electricity"):
        if getattr(old, name) != getattr(new, name):
            question = BY_FIELD[name]
            yield Change("", str(question.label), *(_of_home(row, name) for row in (old, new)), question.id)


def _of_home(household: Household, name: str) -> str:
    return "–" if getattr(household, name) is None else statement.shown(household, name)


IDENTITY = ("idcs", "cin", "first_name_fr", "last_name_fr", "first_name_ar", "last_name_ar", "birth_year", "birth_month", "birth_day")
"""Who a person is, not what he answers; his date of birth is told whole."""


def _of_person(old: Member, new: Member, before: Answers, after: Answers) -> Iterable[Change]:
    who = _name(new)
    if old.born_on != new.born_on:
        yield Change(who, _("Date de naissance"), wording.day(old.born_on), wording.day(new.born_on), "P02")
    for name, question in BY_FIELD.items():
        if name in IDENTITY or not hasattr(Member, name) or hasattr(Household, name):
            continue
        values = tuple(_of_member(*pair, name) for pair in ((old, before), (new, after)))
        if values[0] != values[1]:
            yield Change(who, str(question.label), *values, question.id)


def _of_member(member: Member, answers: Answers, name: str) -> str:
    if name in POINTERS:
        other = answers.members.get(getattr(member, f"{name}_id"))
        return _name(other) if other else "–"
    value = getattr(member, name)
    if value is None or value == "":
        return "–"
    if hasattr(member, f"get_{name}_display"):
        return str(getattr(member, f"get_{name}_display")())
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    return str(value) if isinstance(value, str | int) else date_format(value, "DATE_FORMAT")


def _name(member: Member) -> str:
    return member.name_ar if get_language() == "ar" else member.name_fr
