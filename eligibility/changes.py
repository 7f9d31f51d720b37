"""What differs between two values of a key, or between the law of two days, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from rsu import numerals, statement
from rsu.models import Milieu, Region

from . import queries, wording
from .law import FORMULA, MILIEUX
from .models import Provision
from .score import Formula, Variable


@dataclass(frozen=True)
class Pair:
    """One line of a value before and after; an empty text where the line is not. `latin`: as `wording.Line`."""

    label: str
    before: str
    after: str
    latin: bool = False

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Coefficient:
    """One coefficient of a formula before and after; `reads` is what else about it changes: the answer, how it counts, its words."""

    milieu: str
    code: str
    label: str
    before: str
    after: str
    reads: tuple[Pair, ...] = ()

    @property
    def differs(self) -> bool:
        return bool(self.reads) or self.before != self.after


@dataclass(frozen=True)
class Change:
    """A key whose value differs between two days, with what was in force on each and only the lines that differ."""

    key: str
    label: str
    before: Provision | None
    after: Provision | None
    pairs: list[Pair]
    coefficients: list[Coefficient]


def between(first: date, second: date) -> list[tuple[str, str, list[Change]]]:
    """(group, its words, changes) for every key whose value differs between two days, in the order the law is read."""
    before, after = queries.provisions_on(first), queries.provisions_on(second)
    changes = [_change(key, _in_force(before, key), _in_force(after, key)) for key in wording.KEYS if key in before or key in after]
    found = [change for change in changes if change]
    grouped = [(name, label, [change for change in found if wording.group_of(change.key) == name]) for name, label in wording.GROUPS]
    return [group for group in grouped if group[2]]


def pairs_of(key: str, before: Any, after: Any) -> list[Pair]:
    """The lines of two values of a key, those of the first in their order and then those only the second has."""
    old, new = ({line.label: line for line in wording.lines(key, value)} if value is not None else {} for value in (before, after))
    nothing = wording.Line("", "")
    return [Pair(label, old.get(label, nothing).text, new.get(label, nothing).text, line.latin) for label, line in {**old, **new}.items()]


def coefficients_of(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Coefficient]:
    """Every coefficient of two formulas, milieu by milieu: the constant, the variables by code, the regions."""
    old, new = (Formula.from_value(value) if value else None for value in (before, after))

    def compared(milieu: str, code: str, was: Variable | None, becomes: Variable | None, place: str = "") -> Coefficient:
        row = _compared(milieu, code, was, becomes, place)
        return _with_reads(row, was, becomes) if old and new else row

    names = {region.pk: str(region) for region in Region.objects.order_by("id")} if old or new else {}
    found: list[Coefficient] = []
    for milieu in MILIEUX:
        told = str(Milieu(milieu).label)
        found.append(compared(told, "", old and old.constants[milieu], new and new.constants[milieu]))
        theirs, ours = (_by_code(formula, milieu) for formula in (old, new))
        found += [compared(told, code, theirs.get(code), ours.get(code)) for code in {**theirs, **ours}]
        for region in names:
            was, becomes = (formula and formula.regions[milieu][region] for formula in (old, new))
            found.append(compared(told, "", was, becomes, place=names[region]))
    return found


def _by_code(formula: Formula | None, milieu: str) -> dict[str, Variable]:
    return {variable.code: variable for variable in formula.variables[milieu]} if formula else {}


def _compared(milieu: str, code: str, old: Variable | None, new: Variable | None, place: str = "") -> Coefficient:
    shown = new or old
    label = place or (statement.term_label(shown) if shown else "")
    return Coefficient(milieu, code, label, _figure(old), _figure(new))


def _with_reads(row: Coefficient, old: Variable | None, new: Variable | None) -> Coefficient:
    """A variable that comes or goes shows all that it reads."""
    names = {
        "fact": (_("Réponse lue"), wording.fact),
        "kind": (_("Manière de compter"), wording.manner),
        "fr": (_("Libellé français"), str),
        "ar": (_("Libellé arabe"), str),
    }
    found = []
    for name, (label, told) in names.items():
        was, becomes = (told(getattr(variable, name)) if variable else "" for variable in (old, new))
        if was != becomes:
            found.append(Pair(label, was, becomes))
    return replace(row, reads=tuple(found))


def _figure(variable: Variable | None) -> str:
    return numerals.coefficient(variable.text) if variable else ""


def _in_force(dated: Mapping[str, queries.Dated], key: str) -> Provision | None:
    return dated[key].now if key in dated else None


def _change(key: str, before: Provision | None, after: Provision | None) -> Change | None:
    old, new = before and before.value, after and after.value
    if old == new:
        return None
    changed = [row for row in coefficients_of(old, new) if row.differs] if key == FORMULA else []
    pairs = [pair for pair in pairs_of(key, old, new) if pair.differs]
    return Change(key, str(wording.KEYS[key].label), before, after, pairs, changed)
