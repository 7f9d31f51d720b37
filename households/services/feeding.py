"""Partners' deliveries beside what families declared: the same, they verify it; different, a person settles.

Of anybody outside the sender's area nothing is kept. What is said of a person as of an earlier day than what is known changes no
answer, whatever the order of arrival. A constant number of statements a lot. The caller holds the transaction.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from rsu.permissions import in_area

from ..declared import plain_answer
from ..models import OPEN, AnswerConflict, Import, Member, PeriodKind, Verification
from ..problems import Problem
from ..sheets import cover, feeds
from ..sheets.columns import in_both
from ..sheets.cover import IDCS
from ..sheets.families import TOO_LONG, Row
from ..timeline import Strip, value_on
from .periods import MONTHLY, hold_periods, keep_periods, read_before, reopen_months
from .verifying import ANSWER_DAYS, waits

Kind, Status = Import.Kind, AnswerConflict.Status


@dataclass
class Verified:
    """What became of the rows: counts, and the problems of the rows that go back, by row."""

    applied: int = 0
    already: int = 0
    contradicted: int = 0
    refused: dict[int, list[dict]] = field(default_factory=dict)
    unknown: dict[int, list[dict]] = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """A sound row."""

    row: Row
    statement: cover.Statement | feeds.Said | feeds.Event


@dataclass(frozen=True)
class Word:
    """What the rows of one person come to: the answers they make, None when they make none; `compared` decide whether they contradict."""

    member: Member
    answers: dict | None
    compared: tuple[str, ...]
    as_of: date
    details: dict
    rows: int = 1
    strips: Sequence[Strip] = ()

    @property
    def contrary(self) -> dict:
        """The answers that are not those of the family, when one of those compared is not."""
        differ = {name: value for name, value in (self.answers or {}).items() if plain_answer(self.member, name) != value}
        return differ if any(name in differ for name in self.compared) else {}


def sound_rows(importing: Import, rows: Sequence[Row], done: Verified, *, on: date, law) -> list[Read]:
    """The rows that can be read and say something else than the rows before."""
    sound, seen = [], set()
    for row in rows:
        statement, _problems = feeds.read(importing.kind, row.cells, as_of=importing.as_of, on=on, law=law)
        if statement is None or row.cells.get(TOO_LONG):
            done.refused[row.number] = _both(importing, row, on=on, law=law)
            continue
        key = _key(importing.kind, statement)
        if key in seen:
            done.refused[row.number] = [{"column": IDCS, "value": statement.idcs, **in_both(_twice)}]
            continue
        seen.add(key)
        sound.append(Read(row, statement))
    return sound


def _key(kind: str, statement) -> tuple:
    """What a file says once: of periods, one that begins on a day."""
    return (statement.idcs, statement.since) if kind in feeds.OF_PERIODS else (statement.idcs,)


def stranger() -> str:
    return _("Cette personne n’est pas dans le registre, ou pas dans votre territoire : rien n’est gardé d’elle.")


def _twice() -> str:
    return _("Cette personne a déjà une ligne dans ce fichier.")


def _both(importing: Import, row: Row, *, on: date, law) -> list[dict]:
    def problems() -> list[Problem]:
        long = [Problem("", _("Cette ligne a plus de cases remplies que le fichier n’a de titres."))] if row.cells.get(TOO_LONG) else []
        return [*feeds.read(importing.kind, row.cells, as_of=importing.as_of, on=on, law=law)[1], *long]

    told: list[dict] = []
    for place, problem in enumerate(problems()):
        words = in_both(lambda place=place: problems()[place].sentence)
        told.append({"column": problem.path, "value": row.cells.get(problem.path, ""), **words})
    return told


def people_here(importing: Import, idcs: Iterable[str]) -> dict[str, Member]:
    """Those of these people whom the sender's area holds, by IDCS."""
    here = Member.objects.filter(in_area(importing.by, "household__commune"), idcs__in=sorted(set(idcs)))
    return {one.idcs: one for one in here.order_by("idcs")}


def set_unknown(done: Verified, reads: Iterable[Read]) -> None:
    for one in reads:
        done.unknown[one.row.number] = [{"column": IDCS, "value": "", **in_both(stranger)}]


# Answers ---------------------------------------------------------------------------------------------------------------------------


def take_words(importing: Import, sound: Sequence[Read], done: Verified, *, on: date, law) -> None:
    """What answers and periods say of people: periods first, drawn from all that was ever said; then the answers they make, as of the day of these rows."""
    here = Member.objects.filter(in_area(importing.by, "household__commune"), idcs__in={one.statement.idcs for one in sound})
    people = {one.idcs: one for one in here.order_by("idcs").select_for_update(of=("self",))}
    set_unknown(done, (one for one in sound if one.statement.idcs not in people))
    known = [one for one in sound if one.statement.idcs in people]
    kind = importing.kind
    before = read_before(kind, people, importing.agency) if kind in MONTHLY else {}
    words = (_words_of_cover if kind == Kind.COVER else _words_of_periods)(importing, known, people, done)
    _keep(importing, words, done, on=on, law=law)
    hold_periods(kind, people)
    if kind in MONTHLY:
        reopen_months(kind, people.values(), before, read_before(kind, people, importing.agency), importing=importing, on=on)


def _words_of_cover(importing: Import, known: Sequence[Read], people: Mapping[str, Member], done: Verified) -> list[Word]:
    """A row is one word: the cover of a person on its day."""
    keep_periods(importing, PeriodKind.COVER, [said for one in known if (said := feeds.covered(one.statement))])
    words = []
    for one in known:
        statement, member = one.statement, people[one.statement.idcs]
        answers = statement.answers(member.cover)
        details = {name: day.isoformat() for name in ("since", "until") if (day := getattr(statement, name))}
        words.append(Word(member, answers, tuple(answers or ()), statement.as_of, details))
    return words


def _words_of_periods(importing: Import, known: Sequence[Read], people: Mapping[str, Member], done: Verified) -> list[Word]:
    """The rows of a person are one word: what the partner's periods are on the last day it ever spoke of, these rows included."""
    drawing = keep_periods(importing, importing.kind, [one.statement for one in known])
    fresh: dict[str, int] = {}
    for place, one in enumerate(known):
        if place in drawing.new:
            fresh[one.statement.idcs] = fresh.get(one.statement.idcs, 0) + 1
        else:
            done.already += 1
    words = []
    for number, rows in fresh.items():
        strips, day = drawing.strips[number], drawing.latest[number]
        strip = value_on(strips, day)
        answers, compared = ANSWERS[importing.kind](strip, people[number], day) if strip else (None, ())
        details = strip.details | {"since": strip.since.isoformat()} if strip else {}
        details |= {"until": strip.until.isoformat()} if strip and strip.until != OPEN else {}
        words.append(Word(people[number], answers, compared, day, details, rows, strips))
    return words


Answers = tuple[dict | None, tuple[str, ...]]


def _days(strip: Strip, name: str) -> dict:
    return {f"{name}_since": strip.since.isoformat(), f"{name}_until": None if strip.until == OPEN else strip.until.isoformat()}


def _allowances(strip: Strip, member: Member, day: date) -> Answers:
    """A scheme knows its own allowances: that they ended tells nothing of those of another one."""
    declared = member.other_allowances
    if declared is None:
        return None, ()
    if strip.value == "yes":
        own = {"other_allowances": True, "other_allowances_scheme": strip.details["scheme"], **_days(strip, "other_allowances")}
        runs = (member.other_allowances_since or date.min) <= day < (member.other_allowances_until or OPEN)
        return own, () if declared and runs else tuple(own)
    scheme = member.other_allowances_scheme.strip().casefold()
    runs = declared and (member.other_allowances_until or OPEN) > day
    if runs and scheme not in ("", strip.details["scheme"].casefold()):
        return None, ()
    return {"other_allowances": bool(declared and not runs)}, ("other_allowances",)


def _schooling(strip: Strip, member: Member, day: date) -> Answers:
    if member.schooling is None:
        return None, ()
    sector = None if strip.value == "no" else strip.details["sector"]
    return {"schooling": strip.value, "school_sector": sector}, ("schooling", "school_sector")


def _disability(strip: Strip, member: Member, day: date) -> Answers:
    if member.disability is None:
        return None, ()
    if strip.value == "none":
        return {"disability": "none"}, ("disability",)
    return {"disability": strip.value, "disability_number": strip.details.get("number"), **_days(strip, "disability")}, ("disability",)


ANSWERS: dict[str, Callable[[Strip, Member, date], Answers]] = {
    Kind.ALLOWANCES: _allowances,
    Kind.SCHOOLING: _schooling,
    Kind.DISABILITY: _disability,
}
"""What a period makes a person's answers, and which of them must be the family's; none where the family was not asked."""


def _keep(importing: Import, words: Sequence[Word], done: Verified, *, on: date, law) -> None:
    names = feeds.fields_of(importing.kind)
    latest = _latest(importing, names, [one.member.idcs for one in words])
    fresh: list[Verification] = []
    conflicts: list[Word] = []
    agreed: list[str] = []
    silent: dict[str, Word] = {}
    for one in words:
        known, verified = latest.get(one.member.idcs), {name: value for name, value in (one.answers or {}).items() if name in names}
        late = known and (known[0] > one.as_of or known == (one.as_of, verified, one.details))
        if one.answers is None or late:
            # A period that says nothing of the answer of today was kept all the same.
            if importing.kind == Kind.COVER:
                done.already += one.rows
            else:
                done.applied += one.rows
                silent[one.member.idcs] = one
            continue
        fresh += [_verification(importing, one, name, value) for name, value in verified.items()]
        if one.contrary:
            conflicts.append(one)
            done.contradicted += one.rows
        else:
            agreed.append(one.member.idcs)
            done.applied += one.rows
    Verification.objects.bulk_create(fresh)
    open_conflicts(importing, names[0], conflicts, on=on, law=law)
    _close_agreed(importing, names[0], [*agreed, *_withdrawn(importing, names[0], silent)])


def _withdrawn(importing: Import, name: str, silent: Mapping[str, Word]) -> list[str]:
    """Of whom the partner no longer says, of the very day contested, what it said then."""
    contested = AnswerConflict.objects.filter(status=Status.OPEN, field=name, idcs__in=silent, agency=importing.agency)
    gone = []
    for conflict in contested:
        strip = value_on(silent[conflict.idcs].strips, conflict.as_of)
        says = strip and (strip.value == "yes" if importing.kind == Kind.ALLOWANCES else strip.value)
        if name in conflict.verified and says != conflict.verified[name]:
            gone.append(conflict.idcs)
    return gone


def _latest(importing: Import, names: Sequence[str], idcs: Iterable[str]) -> dict[str, tuple[date, dict, dict]]:
    """IDCS -> (day, answers, details) of the partner's latest word on each person."""
    found: dict[str, tuple[date, dict, dict]] = {}
    rows = Verification.objects.filter(idcs__in=idcs, agency=importing.agency, field__in=names).order_by("as_of", "id")
    for number, name, value, details, as_of in rows.values_list("idcs", "field", "value", "details", "as_of"):
        day, answers, _details = found.get(number, (as_of, {}, {}))
        found[number] = (as_of, (answers if day == as_of else {}) | {name: value}, details)
    return found


def _verification(importing: Import, one: Word, name: str, value) -> Verification:
    return Verification(
        idcs=one.member.idcs, field=name, value=value, details=one.details, agency=importing.agency, importing=importing, as_of=one.as_of
    )


def open_conflicts(importing: Import, name: str, words: Sequence[Word], *, on: date, law) -> None:
    """One open contradiction a person and question: what a later word says takes the place of an earlier one, its deadline stays.

    What an update waits to take stays as it was sent. Whoever left and came back is found again under the new record.
    """
    if not words:
        return
    due_on = on + timedelta(days=law.value(ANSWER_DAYS))
    people = [one.member.idcs for one in words]
    waiting = AnswerConflict.objects.filter(status=Status.OPEN, field=name, idcs__in=people).select_related("request")
    opened = {one.idcs: one for one in waiting.order_by("id").select_for_update(of=("self",))}
    kept = _kept_against(importing, name, words)
    fresh = []
    for one in words:
        declared = {answer: plain_answer(one.member, answer) for answer in one.contrary}
        values = {"declared": declared, "verified": one.contrary, "as_of": one.as_of, "importing": importing, "agency": importing.agency}
        if conflict := opened.get(one.member.idcs):
            conflict.member = one.member
            for key, value in values.items() if not waits(conflict) and conflict.as_of <= one.as_of else ():
                setattr(conflict, key, value)
        elif one.contrary not in kept.get(one.member.idcs, []):
            fresh.append(AnswerConflict(member=one.member, idcs=one.member.idcs, field=name, opened_on=on, due_on=due_on, **values))
    AnswerConflict.objects.bulk_update(opened.values(), ["member", "declared", "verified", "as_of", "importing", "agency"])
    AnswerConflict.objects.bulk_create(fresh)


def _kept_against(importing: Import, name: str, words: Sequence[Word]) -> dict[str, list[dict]]:
    """What somebody decided already: the same word of the same partner, against the same answer, is not asked twice."""
    found: dict[str, list[dict]] = {}
    people = {one.member.idcs: one.member for one in words}
    settled = AnswerConflict.objects.filter(idcs__in=people, field=name, status=Status.KEPT, agency=importing.agency)
    for conflict in settled:
        if all(plain_answer(people[conflict.idcs], answer) == value for answer, value in conflict.declared.items()):
            found.setdefault(conflict.idcs, []).append(conflict.verified)
    return found


def _close_agreed(importing: Import, name: str, idcs: Sequence[str]) -> None:
    """A partner that comes round to the family's answer leaves nothing to settle, unless an update waits to take what it said."""
    agreed = AnswerConflict.objects.filter(status=Status.OPEN, field=name, idcs__in=idcs, agency=importing.agency).select_related("request")
    free = [one.pk for one in agreed.order_by("id").select_for_update(of=("self",)) if not waits(one)]
    AnswerConflict.objects.filter(pk__in=free).update(status=Status.KEPT, settled_by=importing.by, settled_at=Now(), reason=str(importing))
