"""A partner's answers beside the families': the same, they verify them; different, a person settles. No answer moves by itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from rsu import audit
from rsu.models import User
from rsu.permissions import in_area

from ..models import AnswerConflict, Import, Member, Request, Verification
from ..permissions import check_handle
from ..problems import Problem
from ..sheets import cover
from ..sheets.columns import in_both
from ..sheets.families import TOO_LONG, Row

ANSWER_DAYS = "check.answer_days"
Status = AnswerConflict.Status


class ConflictRefused(Exception):
    """The contradiction cannot be settled so; the message is a sentence for the screen."""


@dataclass
class Verified:
    """What became of the rows: counts, and the problems of the rows that go back, by row."""

    applied: int = 0
    already: int = 0
    contradicted: int = 0
    refused: dict[int, list[dict]] = field(default_factory=dict)
    unknown: dict[int, list[dict]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Said:
    row: Row
    statement: cover.Statement
    member: Member

    @property
    def answers(self) -> dict | None:
        return self.statement.answers(self.member.cover)

    @property
    def contrary(self) -> dict:
        """The answers that are not those of the family."""
        return {name: value for name, value in (self.answers or {}).items() if getattr(self.member, name) != value}


def verify_rows(importing: Import, rows: Sequence[Row], *, on: date, law) -> Verified:
    """Keep what the partner says of people of the sender's area, and open the contradictions; inside the caller's transaction.

    Of anybody else nothing is kept. The latest day of a person's rows stands; a row already known says nothing new.
    """
    done, said = Verified(), []
    read = [(row, *cover.read(row.cells, on=on)) for row in rows]
    wanted = {statement.idcs for _row, statement, _problems in read if statement}
    here = Member.objects.filter(in_area(importing.by, "household__commune"), idcs__in=wanted)
    people = {one.idcs: one for one in here.order_by("idcs").select_for_update(of=("self",))}
    seen = set(Verification.objects.filter(importing=importing, idcs__in=wanted).values_list("idcs", flat=True))
    for row, statement, _problems in read:
        if statement is None or row.cells.get(TOO_LONG):
            done.refused[row.number] = _both(row, on)
        elif statement.idcs not in people:
            done.unknown[row.number] = [{"column": cover.IDCS, "value": "", **in_both(_stranger)}]
        elif statement.idcs in seen:
            done.refused[row.number] = [{"column": cover.IDCS, "value": statement.idcs, **in_both(_twice)}]
        else:
            seen.add(statement.idcs)
            said.append(_Said(row, statement, people[statement.idcs]))
    _keep(importing, said, done, on=on, law=law)
    return done


def _stranger() -> str:
    return _("Cette personne n’est pas dans le registre, ou pas dans votre territoire : rien n’est gardé d’elle.")


def _twice() -> str:
    return _("Cette personne a déjà une ligne dans ce fichier.")


def _both(row: Row, on: date) -> list[dict]:
    def problems() -> list[Problem]:
        long = [Problem("", _("Cette ligne a plus de cases remplies que le fichier n’a de titres."))] if row.cells.get(TOO_LONG) else []
        return [*cover.read(row.cells, on=on)[1], *long]

    told: list[dict] = []
    for place, problem in enumerate(problems()):
        words = in_both(lambda place=place: problems()[place].sentence)
        told.append({"column": problem.path, "value": row.cells.get(problem.path, ""), **words})
    return told


def _keep(importing: Import, said: Sequence[_Said], done: Verified, *, on: date, law) -> None:
    latest = _latest(importing, [one.member.idcs for one in said])
    fresh: list[Verification] = []
    conflicts: list[_Said] = []
    for one in said:
        answers, known = one.answers, latest.get(one.member.idcs)
        if answers is None or (known and known[0] > one.statement.as_of) or (known and known == (one.statement.as_of, answers)):
            done.already += 1
            continue
        fresh += [_verification(importing, one, name, value) for name, value in answers.items()]
        if one.contrary:
            conflicts.append(one)
            done.contradicted += 1
        else:
            done.applied += 1
    Verification.objects.bulk_create(fresh)
    _open(importing, conflicts, on=on, law=law)
    _close_agreed(importing, [one.member.idcs for one in said if one.answers and not one.contrary])


def _latest(importing: Import, idcs: Iterable[str]) -> dict[str, tuple[date, dict]]:
    """IDCS -> (day, answers) of the partner's latest word on each person's cover."""
    found: dict[str, tuple[date, dict]] = {}
    rows = Verification.objects.filter(idcs__in=idcs, agency=importing.agency, field__in=(cover.COVER, cover.QUALITY)).order_by(
        "as_of", "id"
    )
    for number, name, value, as_of in rows.values_list("idcs", "field", "value", "as_of"):
        day, answers = found.get(number, (as_of, {}))
        found[number] = (as_of, (answers if day == as_of else {}) | {name: value})
    return found


def _verification(importing: Import, one: _Said, name: str, value) -> Verification:
    period = {"since": one.statement.since, "until": one.statement.until}
    details = {key: day.isoformat() for key, day in period.items() if day}
    return Verification(
        idcs=one.member.idcs,
        field=name,
        value=value,
        details=details,
        agency=importing.agency,
        importing=importing,
        as_of=one.statement.as_of,
    )


def _open(importing: Import, said: Sequence[_Said], *, on: date, law) -> None:
    """One open contradiction a person: what a later file says takes the place of what an earlier one said, its deadline stays.

    What an update waits to take stays as it was sent. Whoever left and came back is found again under the new record.
    """
    if not said:
        return
    due_on = on + timedelta(days=law.value(ANSWER_DAYS))
    waiting = AnswerConflict.objects.filter(status=Status.OPEN, idcs__in=[one.member.idcs for one in said]).select_related("request")
    opened = {one.idcs: one for one in waiting.order_by("id").select_for_update(of=("self",))}
    kept = _kept_against(importing, said)
    fresh = []
    for one in said:
        declared = {name: getattr(one.member, name) for name in one.contrary}
        values = {
            "declared": declared,
            "verified": one.contrary,
            "as_of": one.statement.as_of,
            "importing": importing,
            "agency": importing.agency,
        }
        if conflict := opened.get(one.member.idcs):
            conflict.member = one.member
            for name, value in values.items() if not _waits(conflict) else ():
                setattr(conflict, name, value)
        elif one.contrary not in kept.get(one.member.idcs, []):
            fresh.append(AnswerConflict(member=one.member, idcs=one.member.idcs, field=cover.COVER, opened_on=on, due_on=due_on, **values))
    AnswerConflict.objects.bulk_update(opened.values(), ["member", "declared", "verified", "as_of", "importing", "agency"])
    AnswerConflict.objects.bulk_create(fresh)


def _kept_against(importing: Import, said: Sequence[_Said]) -> dict[str, list[dict]]:
    """What somebody decided already: the same word of the same partner, against the same answer, is not asked twice."""
    found: dict[str, list[dict]] = {}
    settled = AnswerConflict.objects.filter(idcs__in=[one.member.idcs for one in said], status=Status.KEPT, agency=importing.agency)
    declared = {one.member.idcs: one.member for one in said}
    for conflict in settled:
        if all(getattr(declared[conflict.idcs], name) == value for name, value in conflict.declared.items()):
            found.setdefault(conflict.idcs, []).append(conflict.verified)
    return found


def _close_agreed(importing: Import, idcs: Sequence[str]) -> None:
    """A partner that comes round to the family's answer leaves nothing to settle, unless an update waits to take what it said."""
    agreed = AnswerConflict.objects.filter(status=Status.OPEN, idcs__in=idcs, agency=importing.agency).select_related("request")
    free = [one.pk for one in agreed.order_by("id").select_for_update(of=("self",)) if not _waits(one)]
    AnswerConflict.objects.filter(pk__in=free).update(status=Status.KEPT, settled_by=importing.by, settled_at=Now(), reason=str(importing))


# Settled by a person ---------------------------------------------------------------------------------------------------------------


def open_conflict(conflict_id: int, *, by: User) -> AnswerConflict:
    """The contradiction, locked, if this user may settle it. Raises Forbidden, ConflictRefused when the person has left."""
    conflict = AnswerConflict.objects.select_for_update(of=("self",)).get(pk=conflict_id)
    if conflict.member is None:
        raise ConflictRefused(_("Cette personne n’est plus dans le registre : il n’y a plus rien à régler."))
    check_handle(by, conflict.member.household)
    return conflict


@transaction.atomic
def keep_answer(conflict_id: int, *, reason: str, on: date, by: User) -> AnswerConflict:
    """The family's answer stands, for a reason; kept twice, kept once. Raises Forbidden, ConflictRefused."""
    conflict = open_conflict(conflict_id, by=by)
    if conflict.status == Status.KEPT:
        return conflict
    _check_open(conflict)
    if not reason.strip():
        raise ConflictRefused(_("Dites pourquoi la réponse de la famille est gardée : un papier vu, une erreur du partenaire."))
    return settle(conflict, Status.KEPT, reason=reason.strip(), on=on, by=by)


def _check_open(conflict: AnswerConflict) -> None:
    if conflict.status != Status.OPEN:
        raise ConflictRefused(_("Cette contradiction est déjà réglée : %(how)s.") % {"how": conflict.get_status_display()})
    if _waits(conflict):
        raise ConflictRefused(_("Une demande de mise à jour attend déjà une signature pour cette réponse."))


def _waits(conflict: AnswerConflict) -> bool:
    """An update that takes the value is sent, and not answered yet."""
    return conflict.request is not None and conflict.request.status == Request.Status.IN_PROGRESS


@transaction.atomic
def tell_family(conflict_id: int, *, on: date, by: User, law) -> AnswerConflict:
    """The family has been told of what the partner says, and its days run from then: the first day stands.

    Raises Forbidden, ConflictRefused.
    """
    conflict = open_conflict(conflict_id, by=by)
    if conflict.told_on is None:
        _check_open(conflict)
        conflict.told_on, conflict.due_on = on, on + timedelta(days=law.value(ANSWER_DAYS))
        conflict.save(update_fields=["told_on", "due_on"])
        _record(conflict, "conflict.told", on=on, by=by)
    return conflict


def check_take(conflict: AnswerConflict, *, reason: str, on: date) -> None:
    """No silent change: the family is told and its days have passed, or it agrees and what it says is written."""
    _check_open(conflict)
    if conflict.told_on is None:
        raise ConflictRefused(_("Prévenez d’abord la famille de ce que dit le partenaire."))
    if on <= conflict.due_on and not reason.strip():
        raise ConflictRefused(_("La famille a encore le temps de répondre : écrivez ce qu’elle a répondu, ou attendez la fin du délai."))


def settle(conflict: AnswerConflict, status: str, *, reason: str, on: date, by: User) -> AnswerConflict:
    """Write the decision of a locked contradiction and its event."""
    conflict.status, conflict.reason, conflict.settled_by, conflict.settled_at = status, reason, by, Now()
    conflict.save(update_fields=["status", "reason", "settled_by", "settled_at", "request"])
    conflict.refresh_from_db(fields=["settled_at"])
    _record(conflict, f"conflict.{status}", on=on, by=by, reason=reason)
    return conflict


def _record(conflict: AnswerConflict, verb: str, *, on: date, by: User, reason: str = "") -> None:
    household = conflict.member and conflict.member.household_id
    audit.record(by=by, verb=verb, household=household, subject=f"conflict:{conflict.pk}", reason=reason, on=str(on), field=conflict.field)


def settle_taken(conflict: AnswerConflict, *, reason: str, on: date, by: User) -> bool:
    """Taken, if the partner's value is the person's answer now; if not, a locked contradiction stays open, free of its update."""
    member = conflict.member
    if member is not None and all(getattr(member, name) == value for name, value in conflict.verified.items()):
        settle(conflict, Status.TAKEN, reason=reason, on=on, by=by)
        return True
    conflict.request = None
    conflict.save(update_fields=["request"])
    return False


@transaction.atomic
def close_taken() -> int:
    """Contradictions whose update was signed since, where the partner's value stands; how many. Running twice changes nothing.

    An update that was changed before it was signed, or a person who left, takes nothing: what it was to settle is still to settle.
    """
    signed = Q(request__status__in=(Request.Status.PROCESSED, Request.Status.PARTIALLY_ACCEPTED))
    waiting = (
        AnswerConflict.objects.filter(signed, status=Status.OPEN).select_related("request__processed_by").select_for_update(of=("self",))
    )
    done = 0
    for conflict in waiting.order_by("id"):
        by, on = conflict.request.processed_by, localdate(conflict.request.processed_at)
        done += settle_taken(conflict, reason=conflict.request.reason, on=on, by=by)
    return done
