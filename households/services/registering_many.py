"""Many households registered at once: each read by the checks of a single registration, all written by one INSERT a table.

A household that is refused, or that loses a race for one of its people, is put aside alone; the others are registered.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from rsu.models import Commune, User

from .. import declaration, queries
from ..declaration import Declaration
from ..entries import typed
from ..models import Household, Member, Request
from ..permissions import check_register
from ..problems import Problem
from .registering import constraint_of, draw_code, draw_ids, household_of, members_of, plain, taken_problems


@dataclass(frozen=True)
class Sent:
    """One household's declaration, under the mark that makes it registered once; `spoiled` when its rows already say it cannot be."""

    token: UUID
    answers: dict
    spoiled: bool = False


@dataclass
class Outcome:
    """Registered: `household` is new. Already so: it stood, declared in these very words. Otherwise it is refused.

    `explain` gives the problems of a refusal, those a single registration would have told, in the language of the moment.
    """

    household: int | None = None
    already: bool = False
    explain: Callable[[], list[Problem]] | None = None


@dataclass
class _Ready:
    sent: Sent
    found: Declaration
    commune: Commune
    outcome: Outcome
    explain: Callable[[frozenset[str]], list[Problem]]


@transaction.atomic
def register_many(sent: Sequence[Sent], *, on: date, by: User, law) -> list[Outcome]:
    """What became of each, in order. Raises Forbidden; a bad household raises nothing.

    The number of queries does not depend on the number of households. The caller records the event, one for all.
    """
    check_register(by, on=on)
    communes = {commune.code: commune for commune in queries.communes_offered(by)}
    outcomes, ready = [Outcome() for _one in sent], []
    founds = [_read(one.answers, communes, on=on, by=by, law=law) for one in sent]
    known = _Known(sent, founds)
    taken = set(known.homes)
    for one, found, outcome in zip(sent, founds, outcomes, strict=True):
        if known.says(one):
            outcome.already = True
            continue
        explain = partial(_problems, one.answers, communes, on=on, by=by, law=law)
        people = _people(found)
        if found.problems or one.spoiled or people & taken:
            outcome.explain = partial(explain, frozenset(people & taken))
            continue
        taken |= people
        ready.append(_Ready(one, found, communes[typed(one.answers["commune"])], outcome, explain))
    _write_all(ready, on=on, by=by)
    return outcomes


def _read(answers: dict, communes: dict[str, Commune], *, on: date, by: User, law) -> Declaration:
    place = communes.get(typed(answers.get("commune")))
    return declaration.read(answers, place=place, on=on, law=law, supervised=by.role == User.Role.SUPERVISOR)


def _problems(answers: dict, communes: dict[str, Commune], taken: Collection[str], *, on: date, by: User, law) -> list[Problem]:
    found = _read(answers, communes, on=on, by=by, law=law)
    return found.problems + taken_problems(found, taken)


def _people(found: Declaration) -> set[str]:
    return {member["idcs"] for member in found.members if "idcs" in member}


class _Known:
    """Who of these people is registered, where, and in which words the household was declared."""

    def __init__(self, sent: Sequence[Sent], founds: Iterable[Declaration]) -> None:
        idcs = set().union(*map(_people, founds)) if founds else set()
        self.homes: dict[str, int] = dict(Member.objects.filter(idcs__in=idcs).values_list("idcs", "household_id"))
        self.words: dict[int, list[dict]] = defaultdict(list)
        asked = Request.objects.filter(
            kind=Request.Kind.REGISTRATION, status=Request.Status.PROCESSED, household__in={*self.homes.values()}
        )
        for household, answers in asked.values_list("household_id", "answers"):
            self.words[household].append(answers)
        tokens = [one.token for one in sent]
        self.done = set(Request.objects.filter(token__in=tokens, status=Request.Status.PROCESSED).values_list("token", flat=True))

    def says(self, one: Sent) -> bool:
        """Whether this very household stands already: the same rows sent again, by the same file or another."""
        if one.token in self.done:
            return True
        homes = {self.homes.get(typed(person.get("idcs"))) for person in one.answers.get("members", [])} - {None}
        return any(plain(one.answers) == words for home in homes for words in self.words[home])


def _write_all(ready: list[_Ready], *, on: date, by: User) -> None:
    """Write them; who loses a race for a person, or draws a code another draws at the same instant, is put aside or drawn again."""
    while ready:
        try:
            with transaction.atomic():
                return _write(ready, on=on, by=by)
        except IntegrityError as error:
            if constraint_of(error) not in ("member_idcs_once", _CODE_ONCE):
                raise
            ready = _without_taken(ready)


_CODE_ONCE = "households_household_code_key"


def _without_taken(ready: list[_Ready]) -> list[_Ready]:
    """Somebody registered one of these people since they were looked up: their household alone is refused."""
    taken = queries.registered([idcs for one in ready for idcs in _people(one.found)])
    for one in ready:
        if lost := _people(one.found) & taken:
            one.outcome.explain = partial(one.explain, frozenset(lost))
    return [one for one in ready if not one.outcome.explain]


def _write(ready: list[_Ready], *, on: date, by: User) -> None:
    """One INSERT a table, ids drawn first so that pointers are written once; people in the order of IDCS, as a single one's."""
    ids = draw_ids(Household, len(ready))
    codes = _codes(len(ready))
    people = iter(draw_ids(Member, sum(len(one.found.members) for one in ready)))
    households, members, requests = [], [], []
    for pk, code, one in zip(ids, codes, ready, strict=True):
        household = household_of(one.found, code=code, commune=one.commune, on=on, pk=pk)
        households.append(household)
        members += members_of(one.found, household, [next(people) for _member in one.found.members])
        requests.append(_request(one, household, on=on, by=by))
    Household.objects.bulk_create(households)
    Member.objects.bulk_create(sorted(members, key=lambda member: member.idcs))
    Request.objects.bulk_create(requests)
    for one, household in zip(ready, households, strict=True):
        one.outcome.household = household.pk


def _codes(count: int) -> list[str]:
    """Codes nobody bears yet, each once."""
    codes: set[str] = set()
    while len(codes) < count:
        codes |= {draw_code() for _one in range(count - len(codes))}
        codes -= set(Household.objects.filter(code__in=codes).values_list("code", flat=True))
    return list(codes)


def _request(one: _Ready, household: Household, *, on: date, by: User) -> Request:
    return Request(
        token=one.sent.token, kind=Request.Kind.REGISTRATION, status=Request.Status.PROCESSED, household=household, commune=one.commune,
        answers=plain(one.sent.answers), created_by=by, submitted_on=on, processed_by=by, processed_at=Now(),
    )  # fmt: skip
