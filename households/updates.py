"""What a request changes, in words: before and after side by side, household by household, person by person."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from rsu.models import Commune

from . import events, pages, queries
from .changes import BY_FIELD, MEMBER, PERSON_FIELDS, Change, by_key, changes
from .declared import answers_of
from .drafts import POINTERS
from .entries import typed
from .forms import label
from .models import Household, Request
from .questions import RURAL, URBAN, household_questions
from .services.leaving import left_by, people_of

Kind, Occasion = Request.Kind, Request.Occasion

JOINS, LEAVES = "joins", "leaves"
FOUNDED, ABSORBED, LEFT = "founded", "absorbed", "left"


@dataclass(frozen=True)
class Line:
    """One answer, before and after, in words; empty where there is none."""

    path: str
    section: str
    question: str
    before: str
    after: str


@dataclass(frozen=True)
class Party:
    """The household's own answers (no `key`), or one person's; `event` tells of somebody who joins or leaves."""

    key: str
    name: str
    event: str
    lines: list[Line]


@dataclass(frozen=True)
class Side:
    """One of the households a request touches; `role` is empty for the one that asks."""

    household: Household | None
    role: str
    before: dict
    after: dict
    parties: list[Party]


@dataclass(frozen=True)
class Update:
    """What the pages of a draft show beside its answers."""

    request: Request
    sides: list[Side]
    stood: dict[str, str]
    """What stood before, by path, for the answers changed on these pages."""
    changed: dict[str, int]
    """How many changes each section holds."""
    conflicts: list[Line]
    """`before` is what the registry says now, `after` what the draft says."""
    meeting: list[Request]


def update_of(request: Request) -> Update:
    """What the draft of a request changes so far."""
    sides = sides_of(request)
    edited = next((side for side in sides if side.role == FOUNDED), sides[0] if sides else None)
    stood: dict[str, str] = {}
    counts: dict[str, int] = {}
    for party in edited.parties if edited else ():
        if not party.key and edited.role == FOUNDED:
            continue  # a household that is being founded had no dwelling before
        if party.event:
            counts["members"] = counts.get("members", 0) + 1
            continue
        for line in party.lines:
            stood[line.path] = line.before
            counts[line.section] = counts.get(line.section, 0) + 1
    touched = [*stood, *(f"{party.key}.{MEMBER}" for side in sides for party in side.parties if party.event)]
    return Update(request, sides, stood, counts, conflicts_of(request), list(queries.meeting(request, touched=touched)))


def sides_of(request: Request) -> list[Side]:
    """Every household the request touches, as it stood and as it would stand, or as it stands since the request was applied."""
    made = [(*told, compared(told[2], told[3])) for told in _sides(request)]
    return [Side(household, role, before, after, parties) for household, role, before, after, parties in made]


def paths_of(sides: Iterable[Side]) -> set[str]:
    """What these sides show, as paths: `rooms`, `m12.cover`, `m12.member` for somebody who comes or goes."""
    parties = [party for side in sides for party in side.parties]
    events_told = {f"{party.key}.{MEMBER}" for party in parties if party.event}
    return events_told | {line.path for party in parties if not party.event for line in party.lines}


def parted(sides: Iterable[Side], paths: Collection[str]) -> tuple[list[Side], list[Side]]:
    """The sides with what these paths name, and those with what follows from it: answers that are asked no more, or that come of
    themselves. A side without anything stands in neither."""
    named: list[Side] = []
    carried: list[Side] = []
    for side in sides:
        ours, theirs = [], []
        for party in side.parties:
            whole = party.event and f"{party.key}.{MEMBER}" in paths
            lines = [[line for line in party.lines if (whole or line.path in paths) == wanted] for wanted in (True, False)]
            ours += [replace(party, lines=lines[0])] if whole or lines[0] else []
            theirs += [replace(party, lines=lines[1])] if not whole and (lines[1] or party.event) else []
        named += [replace(side, parties=ours)] if ours else []
        carried += [replace(side, parties=theirs)] if theirs else []
    return named, carried


def _sides(request: Request) -> list[tuple[Household | None, str, dict, dict]]:
    household, before = request.household, request.before or {}
    after = request.after or request.answers
    if request.undoes_id:
        return _undoing_sides(request, before, after)
    match request.kind, request.occasion:
        case Kind.COMPLAINT, _:
            return []
        case _, Occasion.SPLIT:
            left = request.after or left_by(request)
            founded = request.details.get("other_after") or request.answers
            return [(household, "", before, left), (request.other, FOUNDED, events.only(before, people_of(request)), founded)]
        case _, Occasion.MERGE:
            absorbed = request.details.get("other_before") or answers_of(request.other)
            return [(household, "", before, after), (request.other, ABSORBED, absorbed, _emptied(absorbed))]
        case _, Occasion.TRANSFER:
            left = request.details.get("other_after") or left_by(request)
            return [(household, "", before, after), (request.other, LEFT, request.details["other_before"], left)]
    if not request.answers:
        return [(household, "", before, _emptied(before))]
    return [(household, "", before, after)]


def _undoing_sides(request: Request, before: dict, after: dict) -> list[tuple[Household | None, str, dict, dict]]:
    done = request.undoes
    if done.occasion == Occasion.MERGE:
        absorbed = done.details["other_before"]
        return [(request.household, "", before, after), (request.other, "", _emptied(absorbed), absorbed)]
    if done.occasion == Occasion.TRANSFER:
        stood = done.details["other_before"]
        return [(request.household, "", before, after), (request.other, "", done.details["other_after"], stood)]
    if done.occasion == Occasion.SPLIT:
        founded = done.details["other_after"]
        return [(request.household, "", before, after), (request.other, ABSORBED, founded, _emptied(founded))]
    return [(request.household, "", before, after)]


def _emptied(answers: Mapping) -> dict:
    return {**answers, "members": []}


def compared(before: Mapping, after: Mapping) -> list[Party]:
    """Only what reads otherwise, the household first."""
    found: dict[str, list[Change]] = {}
    for change in changes(before, after):
        found.setdefault(change.who, []).append(change)
    words = _Words([before, after])
    return [_party(key, listed, words) for key, listed in found.items()]


def conflicts_of(request: Request) -> list[Line]:
    """Answers that the registry learnt otherwise while the request was waiting, until the draft is sent again."""
    words = _Words([request.before or {}, request.answers])
    return [words.conflict(**told) for told in request.details.get("conflicts", [])]


def told_conflicts(request: Request, conflicts: Iterable) -> list[Line]:
    """The same for conflicts that were just found."""
    words = _Words([request.before or {}, request.answers, answers_of(request.household)])
    return [words.conflict(one.who, one.field, one.mine, one.theirs) for one in conflicts]


class _Words:
    """Answers in words, knowing the people of every version compared and the communes they name; the second is what is asked."""

    def __init__(self, versions: list[Mapping]) -> None:
        self.names: dict[str, str] = {}
        for answers in versions:
            self.names |= {key: label(member, place) for place, (key, member) in enumerate(by_key(answers).items(), start=1)}
        self.asked = by_key(versions[1])
        codes = {typed(answers.get("commune")) for answers in versions}
        self.places = {commune.code: str(commune) for commune in Commune.objects.filter(code__in=codes)} if len(codes) > 1 else {}

    def of(self, name: str, value) -> str:
        question = _question(name, value)
        if name in POINTERS:
            return self.names.get(value, "") if value else _("ne vit pas ici")
        if question.kind == "place":
            return self.places.get(typed(value), typed(value))
        if question.kind == "flag" and not typed(value):
            return _("non")
        return str(pages.shown(question, {name: value}, []))

    def line(self, change: Change) -> Line:
        question = BY_FIELD[change.field]
        section = "members" if change.who else question.section
        return Line(change.path, section, str(question.label), self.of(change.field, change.before), self.of(change.field, change.after))

    def conflict(self, who: str, field: str, mine, theirs) -> Line:
        path = f"{who}.{field}" if who else field
        if field == MEMBER:
            there, gone = _("fait partie du ménage"), _("ne fait plus partie du ménage")
            return Line(path, "members", self.names.get(who, ""), there if theirs else gone, there if mine else gone)
        question = str(BY_FIELD[field].label)
        name = f"{self.names.get(who, '')} · {question}" if who else question
        shown = _("ne fait plus partie du ménage") if who and who not in self.asked else self.of(field, mine)
        return Line(path, "members" if who else BY_FIELD[field].section, name, self.of(field, theirs), shown)


def _question(name: str, value):
    """One field may be asked in two ways, by milieu: the one whose answers these are."""
    asked = [q for milieu in (*RURAL, *URBAN) for section in [BY_FIELD[name].section] for q in household_questions(milieu, section)]
    ways = [question for question in asked if question.field == name]
    return next((question for question in ways if typed(value) in dict(question.options())), ways[-1] if ways else BY_FIELD[name])


def _party(key: str, found: list[Change], words: _Words) -> Party:
    name = words.names.get(key, "") if key else ""
    [first, *_rest] = found
    if first.field != MEMBER:
        return Party(key, name, "", [words.line(change) for change in found])
    if first.after is None:
        return Party(key, name, LEAVES, [])
    given = [Change(key, field, None, first.after.get(field)) for field in PERSON_FIELDS if typed(first.after.get(field))]
    return Party(key, name, JOINS, [words.line(change) for change in given])
