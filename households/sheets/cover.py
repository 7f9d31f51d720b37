"""The columns of a partner's file of health cover, and what one row of it states."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils.translation import gettext as _

from .. import entries
from ..entries import Unreadable
from ..problems import Problem
from ..questions import BY_FIELD
from .columns import Column, answer, day, in_both

IDCS, COVER, QUALITY, SINCE, UNTIL, AS_OF = "idcs", "cover", "cover_quality", "since", "until", "as_of"
NONE = "none"


@lru_cache(maxsize=1)
def cover_columns() -> tuple[Column, ...]:
    asked = {name: Column(name, in_both(BY_FIELD[name].label), BY_FIELD[name], needed=True) for name in (IDCS, COVER, QUALITY)}
    return (
        *asked.values(),
        Column(SINCE, in_both(lambda: _("Début de la couverture"))),
        Column(UNTIL, in_both(lambda: _("Fin de la couverture"))),
        Column(AS_OF, in_both(lambda: _("Constaté le")), needed=True),
    )


@lru_cache(maxsize=1)
def cover_names() -> dict[str, str]:
    return {heading: column.name for column in cover_columns() for heading in column.known_as()}


@dataclass(frozen=True)
class Statement:
    """What a partner says of one person's cover as of a day. `scheme` is the cover spoken of, `ended` whether it was over that day."""

    idcs: str
    scheme: str
    quality: str
    since: date | None
    until: date | None
    as_of: date

    @property
    def ended(self) -> bool:
        return self.until is not None and self.until <= self.as_of

    def answers(self, declared: str | None) -> dict[str, str | None] | None:
        """What the person's answers would be; None when it says nothing of them: the end of a cover that nobody declared.

        A partner knows its own covers: their end tells nothing of another one.
        """
        if not self.ended:
            quality = None if self.scheme == NONE else self.quality or None
            return {COVER: self.scheme} | ({QUALITY: quality} if quality or self.scheme == NONE else {})
        return {COVER: NONE, QUALITY: None} if declared in (self.scheme, NONE) else None


def read(cells: Mapping[str, str], *, on: date) -> tuple[Statement | None, list[Problem]]:
    """The row's statement, or what is wrong in it."""
    values: dict = {}
    problems: list[Problem] = []
    for name, reader in _READERS.items():
        text = cells.get(name, "")
        if not text and name in (QUALITY, SINCE, UNTIL):
            continue
        try:
            values[name] = reader(text)
        except Unreadable as unreadable:
            problems.append(Problem(name, str(unreadable)))
    if values.get(AS_OF) and values[AS_OF] > on:
        problems.append(Problem(AS_OF, _("Cette date est dans l’avenir.")))
    if values.get(SINCE) and values.get(UNTIL) and values[UNTIL] <= values[SINCE]:
        problems.append(Problem(UNTIL, _("La fin doit suivre le début.")))
    if problems:
        return None, problems
    return Statement(values[IDCS], values[COVER], values.get(QUALITY, ""), values.get(SINCE), values.get(UNTIL), values[AS_OF]), []


def _chosen(name: str):
    question = BY_FIELD[name]
    return lambda text: entries.choice(answer(question, text), [code for code, _label in question.options()])


_READERS = {
    IDCS: entries.idcs,
    COVER: _chosen(COVER),
    QUALITY: _chosen(QUALITY),
    SINCE: lambda text: entries.day(day(text)),
    UNTIL: lambda text: entries.day(day(text)),
    AS_OF: lambda text: entries.day(day(text)),
}
