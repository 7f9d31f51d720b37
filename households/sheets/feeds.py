"""What partners deliver: the columns of each kind, and what one row of it states.

A row is one period of a person (allowances, schooling, disability) or one event (a birth, a death, a marriage); covers have their
own module. Headings and answers are read as in every file: by name, in French or in Arabic.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from django.utils.translation import gettext as _

from .. import entries
from ..entries import Unreadable
from ..models import OPEN, Import, PeriodKind
from ..problems import Problem
from ..questions import BY_FIELD
from . import cover
from .columns import BORN_ON, FRENCH, Column, answer, day, folded, in_both
from .cover import AS_OF, IDCS, SINCE, UNTIL

Kind = Import.Kind

SCHEME, RECEIVES = "scheme", "other_allowances"
LEVEL, SECTOR, YEAR = "schooling", "school_sector", "school_year"
DEGREE, CERTIFICATE = "disability", "disability_number"
MOTHER, FATHER, SEX, DIED_ON, MARITAL, SPOUSE = "mother_idcs", "father_idcs", "sex", "died_on", "marital_status", "spouse_idcs"
NAMES = ("first_name_fr", "last_name_fr", "first_name_ar", "last_name_ar")

NEGATIVE = {PeriodKind.COVER: "none", PeriodKind.ALLOWANCES: "no", PeriodKind.SCHOOLING: "no", PeriodKind.DISABILITY: "none"}
"""What a partner says, by kind, of somebody of whom it has nothing to say any more."""

OF_PERIODS = (Kind.ALLOWANCES, Kind.SCHOOLING, Kind.DISABILITY)
OF_EVENTS = (Kind.BIRTHS, Kind.DEATHS, Kind.MARRIAGES)
DELIVERED = (Kind.COVER, *OF_PERIODS, *OF_EVENTS)
"""Kinds of imports that a partner delivers."""


@dataclass(frozen=True)
class Said:
    """One period of a person as a partner states it."""

    idcs: str
    value: str
    details: dict
    since: date
    until: date
    as_of: date


@dataclass(frozen=True)
class Event:
    """One event of a person: `on` is its day, `details` the rest of the row."""

    idcs: str
    on: date
    details: dict
    as_of: date


@dataclass(frozen=True)
class _Rules:
    """What a row is read with: today and the law, for the days of a school year."""

    on: date
    law: object


@dataclass(frozen=True)
class Feed:
    """One kind of delivery. `checked` gives the statement of values each of which could be read, or adds problems."""

    columns: tuple[Column, ...]
    readers: Mapping[str, Callable] = field(hash=False)
    checked: Callable[[dict, list[Problem], _Rules], object | None] = field(hash=False)

    def names(self) -> dict[str, str]:
        return {heading: column.name for column in self.columns for heading in column.known_as()}

    def asked(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.needed)


def read(kind: str, cells: Mapping[str, str], *, as_of: date | None, on: date, law) -> tuple[object | None, list[Problem]]:
    """The row's statement, or what is wrong in it; `as_of` is the delivery's day, that a row may say for itself."""
    cells = cells if cells.get(AS_OF) or as_of is None else {**cells, AS_OF: as_of.isoformat()}
    if kind == Kind.COVER:
        return cover.read(cells, on=on)
    feed, values, problems = feed_of(kind), {}, []
    for column in feed.columns:
        text = cells.get(column.name, "")
        if not text and not column.needed and column.name != AS_OF:
            continue
        try:
            values[column.name] = feed.readers[column.name](text)
        except Unreadable as unreadable:
            problems.append(Problem(column.name, str(unreadable)))
    if values.get(AS_OF) and values[AS_OF] > on:
        problems.append(Problem(AS_OF, _("Cette date est dans l’avenir.")))
    if problems:
        return None, problems
    said = feed.checked(values, problems, _Rules(on, law))
    return (None, problems) if problems else (said, [])


def fields_of(kind: str) -> tuple[str, ...]:
    """The answers that a kind of delivery verifies, the one it is known by first."""
    return {
        Kind.COVER: (cover.COVER, cover.QUALITY),
        Kind.ALLOWANCES: (RECEIVES,),
        Kind.SCHOOLING: (LEVEL, SECTOR),
        Kind.DISABILITY: (DEGREE,),
        Kind.MARRIAGES: (MARITAL,),
    }[kind]


# Periods ---------------------------------------------------------------------------------------------------------------------------


def _until(values: dict, problems: list[Problem]) -> date:
    until = values.get(UNTIL) or OPEN
    if until <= values[SINCE]:
        problems.append(Problem(UNTIL, _("La fin doit suivre le début.")))
    return until


def _allowance(values: dict, problems: list[Problem], rules: _Rules) -> Said | None:
    until = _until(values, problems)
    value = "yes" if values.get(RECEIVES, True) else "no"
    return Said(values[IDCS], value, {"scheme": values[SCHEME]}, values[SINCE], until, values[AS_OF])


def _schooling(values: dict, problems: list[Problem], rules: _Rules) -> Said | None:
    """A pupil stays one until the school year ends, unless the row says that the studies stopped before its last classes."""
    month, number = map(int, rules.law.value("direct_aid.school_year_ends").split("-"))
    begins, ends = (date(values[YEAR] + more, month, number) + timedelta(days=1) for more in (0, 1))
    until = values.get(UNTIL) or ends
    if not begins <= values[SINCE] < ends:
        problems.append(Problem(SINCE, _("Cette date n’est pas dans l’année scolaire de la ligne.")))
    elif until <= values[SINCE]:
        problems.append(Problem(UNTIL, _("La fin doit suivre le début.")))
    elif until > ends:
        problems.append(Problem(UNTIL, _("Cette date n’est pas dans l’année scolaire de la ligne.")))
    level = values[LEVEL]
    if level != "no" and not values.get(SECTOR):
        problems.append(Problem(SECTOR, _("Dites si l’établissement est public ou privé.")))
    if problems:
        return None
    if until >= date(ends.year, rules.law.value("schooling.classes_until"), 1):
        until = ends
    details = {"school_year": f"{values[YEAR]}-{values[YEAR] + 1}", "ends": ends.isoformat()}
    details |= {"sector": values[SECTOR]} if level != "no" else {}
    return Said(values[IDCS], level, details, values[SINCE], until, values[AS_OF])


def _disability(values: dict, problems: list[Problem], rules: _Rules) -> Said | None:
    until = _until(values, problems)
    details = {"number": values[CERTIFICATE]} if values.get(CERTIFICATE) else {}
    return Said(values[IDCS], values[DEGREE], details, values[SINCE], until, values[AS_OF])


def covered(statement: cover.Statement) -> Said | None:
    """A statement of cover as a period; of an end without a beginning nothing is drawn."""
    since = statement.since or (None if statement.until else statement.as_of)
    if since is None:
        return None
    details = {} if statement.scheme == cover.NONE else {"scheme": statement.scheme}
    details |= {"quality": statement.quality} if details and statement.quality else {}
    return Said(statement.idcs, statement.scheme, details, since, statement.until or OPEN, statement.as_of)


# Events ----------------------------------------------------------------------------------------------------------------------------


def _event(name: str) -> Callable:
    """The event of a row whose day stands in that column."""

    def checked(values: dict, problems: list[Problem], rules: _Rules) -> Event | None:
        if values[name] > values[AS_OF]:
            problems.append(Problem(name, _("Cette date suit celle où les données ont été constatées.")))
        for other in (MOTHER, FATHER, SPOUSE):
            if values.get(other) == values[IDCS]:
                problems.append(Problem(other, _("C’est le numéro de la personne elle-même.")))
        rest = {key: value for key, value in values.items() if key not in (IDCS, AS_OF, name)}
        return Event(values[IDCS], values[name], rest, values[AS_OF])

    return checked


# What a cell says ------------------------------------------------------------------------------------------------------------------


def _day(text: str) -> date:
    return entries.day(day(text))


def _chosen(name: str) -> Callable:
    question = BY_FIELD[name]
    return lambda text: entries.choice(answer(question, text), question.codes())


def _flag(text: str) -> bool:
    return entries.flag(answer(BY_FIELD[RECEIVES], text))


def _school_year(text: str) -> int:
    """2025-2026, 2025/2026 or 2025/26: the year it begins in."""
    found = re.fullmatch(r"(20\d\d)\s*[-/]\s*(?:20)?(\d\d)", entries.western(text.strip()))
    if not found or int(found[2]) != (int(found[1]) + 1) % 100:
        raise Unreadable(_("Écrivez l’année scolaire sous la forme 2025-2026."))
    return int(found[1])


def _words(longest: int) -> Callable:
    def read_words(text: str) -> str:
        words = entries.text(text, longest)
        if not words:
            raise Unreadable(_("Cette case est obligatoire."))
        return words

    return read_words


def _asked(name: str, *, needed: bool = True) -> Column:
    return Column(name, in_both(BY_FIELD[name].label), BY_FIELD[name], needed=needed)


def _said(name: str, words: Callable, *, needed: bool = False, hint: Callable | None = None) -> Column:
    return Column(name, in_both(words), needed=needed, hint=in_both(hint) if hint else {})


@lru_cache(maxsize=16)
def feed_of(kind: str) -> Feed:
    return {
        Kind.ALLOWANCES: _allowances_feed,
        Kind.SCHOOLING: _schooling_feed,
        Kind.DISABILITY: _disability_feed,
        Kind.BIRTHS: _births_feed,
        Kind.DEATHS: _deaths_feed,
        Kind.MARRIAGES: _marriages_feed,
    }[kind]()


def columns_of(kind: str) -> tuple[Column, ...]:
    return cover.cover_columns() if kind == Kind.COVER else feed_of(kind).columns


def names_of(kind: str) -> dict[str, str]:
    return cover.cover_names() if kind == Kind.COVER else feed_of(kind).names()


def asked_of(kind: str, *, dated: bool) -> tuple[str, ...]:
    """Columns without which no row could be read; a delivery that is dated as a whole needs no day on its rows."""
    asked = (IDCS, cover.COVER) if kind == Kind.COVER else feed_of(kind).asked()
    return asked if dated else (*asked, AS_OF)


def _common(*columns: Column) -> tuple[Column, ...]:
    dated = _said(AS_OF, lambda: _("Constaté le"), hint=lambda: _("Vide : la date de la livraison."))
    return (_asked(IDCS), *columns, dated)


_PERIOD = {IDCS: entries.idcs, SINCE: _day, UNTIL: _day, AS_OF: _day}


def _ends(words: Callable) -> Column:
    return _said(UNTIL, words, hint=lambda: _("Premier jour où ce n’est plus vrai ; vide si cela dure."))


def _allowances_feed() -> Feed:
    columns = _common(
        _said(SCHEME, lambda: _("Régime qui verse"), needed=True),
        _said(SINCE, lambda: _("Début des allocations"), needed=True),
        _ends(lambda: _("Fin des allocations")),
        _said(RECEIVES, lambda: _("Perçoit"), hint=lambda: _("Oui si la case est vide ; non pour annuler une période dite par erreur.")),
    )
    return Feed(columns, _PERIOD | {SCHEME: _words(60), RECEIVES: _flag}, _allowance)


def _schooling_feed() -> Feed:
    columns = _common(
        _said(YEAR, lambda: _("Année scolaire"), needed=True, hint=lambda: _("Par exemple 2025-2026.")),
        _said_choice(LEVEL, lambda: _("Niveau suivi"), needed=True),
        _said_choice(SECTOR, lambda: _("Secteur")),
        _said(SINCE, lambda: _("Début de la scolarité"), needed=True),
        _said(UNTIL, lambda: _("Fin de la scolarité"), hint=lambda: _("Seulement si les études s’arrêtent avant la fin de l’année.")),
    )
    readers = _PERIOD | {YEAR: _school_year, LEVEL: _chosen(LEVEL), SECTOR: _chosen(SECTOR)}
    return Feed(columns, readers, _schooling)


def _disability_feed() -> Feed:
    columns = _common(
        _said_choice(DEGREE, lambda: _("Degré de handicap"), needed=True),
        _said(CERTIFICATE, BY_FIELD[CERTIFICATE].label),
        _said(SINCE, lambda: _("Début de validité"), needed=True),
        _ends(lambda: _("Fin de validité")),
    )
    return Feed(columns, _PERIOD | {DEGREE: _chosen(DEGREE), CERTIFICATE: _words(30)}, _disability)


def _births_feed() -> Feed:
    columns = _common(
        _said(MOTHER, lambda: _("IDCS de la mère"), needed=True),
        _said(FATHER, lambda: _("IDCS du père")),
        _said(BORN_ON, lambda: _("Date de naissance"), needed=True),
        _said_choice(SEX, BY_FIELD[SEX].label, needed=True),
        *(_said(name, BY_FIELD[name].label, needed=name.endswith("_fr")) for name in NAMES),
    )
    people = {IDCS: entries.idcs, MOTHER: entries.idcs, FATHER: entries.idcs}
    readers = people | {BORN_ON: _day, SEX: _chosen(SEX), AS_OF: _day} | {name: _words(60) for name in NAMES}
    return Feed(columns, readers, _event(BORN_ON))


def _deaths_feed() -> Feed:
    columns = _common(_said(DIED_ON, lambda: _("Date du décès"), needed=True))
    return Feed(columns, {IDCS: entries.idcs, DIED_ON: _day, AS_OF: _day}, _event(DIED_ON))


def _marriages_feed() -> Feed:
    columns = _common(
        _said_choice(MARITAL, BY_FIELD[MARITAL].label, needed=True),
        _said(SINCE, lambda: _("Date de l’acte"), needed=True),
        _said(SPOUSE, lambda: _("IDCS du conjoint")),
    )
    readers = {IDCS: entries.idcs, MARITAL: _chosen(MARITAL), SINCE: _day, SPOUSE: entries.idcs, AS_OF: _day}
    return Feed(columns, readers, _event(SINCE))


def _said_choice(name: str, words: Callable | str, *, needed: bool = False) -> Column:
    return Column(name, in_both(words), BY_FIELD[name], needed=needed)


def key_of(cells: Mapping[str, str]) -> str:
    """The mark that brings the rows of one person into one lot."""
    return folded(cells.get(IDCS, ""))


__all__ = ["DELIVERED", "FRENCH", "Event", "Feed", "Said", "asked_of", "columns_of", "covered", "feed_of", "fields_of", "names_of", "read"]
