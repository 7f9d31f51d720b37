"""Families are told, each thing once, of what changes no status by itself: moved covers that end, places about to be lost, a month's
other amount, corrections, recoveries, payments that came back, answers to appeals. `ToldFact` holds each to one notice.

Whoever writes one of these holds its household, except the paying agency's answers: once it is locked here, what is there is told.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from django.db import transaction
from django.db.models import (
    BigIntegerField,
    Exists,
    F,
    Model,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.utils.timezone import localtime

from eligibility.law import Law, Provision
from eligibility.models import OPEN, Determination, Program
from eligibility.queries import law as law_of
from eligibility.score import threshold_points
from households.models import Household, Member
from rsu import audit
from rsu.models import User

from .. import monthly_changes
from ..allowances import AMOUNTS, NATIONALITY, OTHER_ALLOWANCES
from ..appeal_lifecycle import DECIDED
from ..lifecycle import HOLDING
from ..models import (
    COVERS,
    AllowanceLine,
    AppealMove,
    Correction,
    DueLine,
    Enrollment,
    Forewarning,
    MigratedMove,
    MonthChunk,
    MonthRun,
    Overpayment,
    Payment,
    RightNotice,
    Scheme,
    ToldFact,
    ToldFactFloor,
)
from ..phrases import resting_on
from ..spending import settled_allowances
from .telling import CHUNK, all_told, new_notice, queue_messages

Deed, Source, What = RightNotice.Deed, ToldFact.Source, Forewarning.What
MONTHS_AT_ONCE = 5000
"""Allowances compared in one transaction."""
PAYEE, SHARE, ANSWERS, FOREWARNED = "direct_aid.payee_order", "direct_aid.recovery_share", "appeal.answer_days", "amo.majority_notice_days"
PLACES = {
    What.MAJORITY: "amo.dependant_age",
    What.STUDIES: "amo.student_dependant_age",
    What.CERTIFICATE: "amo.dependant_disabilities",
}
"""The provision by which a place is lost; that of a permit gone by is in no text the registry knows."""
FINDINGS = {OTHER_ALLOWANCES: (PAYEE,), NATIONALITY: (PAYEE, "direct_aid.nationality")}
"""Why a month is not paid, and the provisions that say so: all of them speak of who would receive it."""


@dataclass(frozen=True)
class _Kind:
    """A source of things to tell: its untold rows, each with its `home`; rows of one `same` make one notice; what that says."""

    source: str
    deed: str
    rows: Callable[[date], QuerySet]
    same: Callable[[Model], tuple]
    say: Callable[[list[Model], "_Known"], tuple[str, dict]]


@dataclass(frozen=True)
class _Known:
    """What notices say beside their rows, read once for all of them."""

    on: date
    names: dict[str, list[str]]
    lost: dict[int, Determination]
    laws: dict[date, Law] = field(default_factory=dict)

    def cite(self, day: date, *keys: str) -> list[Provision]:
        """Those of the provisions that were in force that day; each day's law is read once."""
        if day not in self.laws:
            self.laws[day] = law_of(day)
        return [self.laws[day].cite(key) for key in keys if self.laws[day].has(key)]

    @classmethod
    def of(cls, rows: list[Model], on: date) -> "_Known":
        idcs = [found for row in rows if (found := row.cover.idcs if isinstance(row, MigratedMove) else getattr(row, "idcs", ""))]
        homes = [row.home for row in rows if isinstance(row, MigratedMove)]
        people = Member.objects.filter(idcs__in=idcs)
        lost = Determination.objects.filter(household__in=homes, program=Program.AMO_TADAMON, until=OPEN, entitled=False)
        return cls(
            on=on,
            names={one.idcs: [one.name_fr, one.name_ar] for one in people},
            lost={one.household_id: one for one in lost.select_related("threshold")},
        )


def announce_due(*, limit: int = CHUNK, at: datetime, by: User) -> int:
    """Tell what is untold of every kind to the next households that nobody holds; how many notices (0: nothing free is left)."""
    return sum(_announce(kind, limit=limit, at=at, by=by) for kind in KINDS)


@transaction.atomic
def _announce(kind: _Kind, *, limit: int, at: datetime, by: User) -> int:
    on = localtime(at).date()
    oldest = _untold(kind, on).order_by("pk").values_list("home", flat=True)[: 10 * limit]
    waiting = Household.objects.filter(pk__in=sorted(set(oldest))).order_by("pk")
    locked = waiting.select_for_update(of=("self",), skip_locked=True, no_key=True)[:limit]
    households = {one.pk: one for one in locked}
    rows = list(_untold(kind, on).filter(home__in=list(households))) if households else []
    if not rows:
        return 0
    groups = _grouped(kind, rows)
    law, known, notices = law_of(on), _Known.of(rows, on), []
    for group in groups:
        program, content = kind.say(group, known)
        notices.append(new_notice(households[group[0].home], program, kind.deed, content, on=on, law=law))
    _keep(notices, [(kind.source, [row.pk for row in group]) for group in groups], at=at, law=law, by=by)
    return len(notices)


def _grouped(kind: _Kind, rows: list[Model]) -> list[list[Model]]:
    def key(row: Model) -> tuple:
        return (row.home, *kind.same(row))

    return [list(group) for _key, group in groupby(sorted(rows, key=lambda row: (*key(row), row.pk)), key=key)]


def _keep(notices: list[RightNotice], subjects: list[tuple[str, list[int]]], *, at: datetime, law, by: User) -> None:
    written = RightNotice.objects.bulk_create(notices)
    ToldFact.objects.bulk_create(
        ToldFact(source=source, subject_id=pk, notice=notice) for notice, (source, ids) in zip(written, subjects, strict=True) for pk in ids
    )
    queue_messages(written, at=at, law=law)
    audit.record(by=by, verb="notify_families", on=str(localtime(at).date()), notices=len(written))


def _untold(kind: _Kind, on: date) -> QuerySet:
    told = ToldFact.objects.filter(source=kind.source, subject_id=OuterRef("pk"))
    return kind.rows(on).filter(~Exists(told), pk__gt=_floor(kind.source))


def _floor(source: str) -> int:
    return ToldFactFloor.objects.filter(pk=source).values_list("upto", flat=True).first() or 0


def _held(source: str, *, wait: bool = True) -> ToldFactFloor | None:
    """The floor, locked; None where another worker holds it and nobody is to wait."""
    ToldFactFloor.objects.get_or_create(source=source)
    return ToldFactFloor.objects.select_for_update(skip_locked=not wait).filter(source=source).first()


@transaction.atomic
def raise_fact_floors(*, at: datetime) -> None:
    """Once a day, of what is only ever added: what is older than a day, all told, is not looked through again."""
    for kind in KINDS:
        if kind.source in DATED:
            floor = _held(kind.source)
            floor.upto = max(floor.upto, all_told(_untold(kind, localtime(at).date()), of=DATED[kind.source], at=at))
            floor.save(update_fields=["upto"])


DATED = {Source.MIGRATED: MigratedMove, Source.CORRECTION: Correction, Source.APPEAL: AppealMove}


# Months -----------------------------------------------------------------------------------------------------------------


@transaction.atomic
def announce_amounts(*, limit: int = MONTHS_AT_ONCE, at: datetime, by: User) -> int:
    """Compare the next months written with those before them and tell who is paid another amount; how many months were looked at.

    One worker at a time: the floor is locked, and moves with the notices. Months that may still appear among them wait.
    """
    floor = _held(Source.ALLOWANCE, wait=False)
    if floor is None:
        return 0
    upto = monthly_changes.reach(after=floor.upto, upto=settled_allowances(), limit=limit)
    if upto is None:
        return 0
    found = monthly_changes.changes(after=floor.upto, upto=upto)
    on, seen = localtime(at).date(), upto - floor.upto
    if found:
        law = law_of(on)
        rows = [new_notice(one.allowance.household, Scheme.DIRECT_AID, Deed.AMOUNT, _amounts(one, on), on=on, law=law) for one in found]
        _keep(rows, [(Source.ALLOWANCE, [one.allowance.pk]) for one in found], at=at, law=law, by=by)
    floor.upto = upto
    floor.save(update_fields=["upto"])
    return seen


def _amounts(change: monthly_changes.Change, on: date) -> dict:
    months = {"month": change.allowance.month.isoformat(), "earlier": change.earlier.month.isoformat()}
    said = {"decided_on": on.isoformat(), "before": change.before, "now": change.now, "changes": change.reasons}
    return months | said | resting_on([change.amounts])


@transaction.atomic
def announce_unpaid(*, at: datetime, by: User) -> int:
    """Tell, of the next chunk of a month that has closed, whose aid runs and gives nothing that month, and why; how many chunks (0 or 1).

    No status changes, so nothing else would say it. Told once: for the first month after the last one that was paid.
    """
    floor = _held(Source.UNPAID, wait=False)
    closed = MonthChunk.objects.filter(run__kind=MonthRun.Kind.PAYMENT, run__status=MonthRun.Status.CLOSED)
    chunk = closed.filter(pk__gt=floor.upto).select_related("run").order_by("pk").first() if floor else None
    if chunk is None:
        return 0
    found = monthly_changes.unpaid(chunk.households, month=chunk.run.month, read_on=chunk.run.read_on)
    earlier = [allowance for _household, allowance, _finding in found]
    told = set(ToldFact.objects.filter(source=Source.UNPAID, subject_id__in=earlier).values_list("subject_id", flat=True))
    found = [one for one in found if one[1] not in told]
    if found:
        on = localtime(at).date()
        law, homes = law_of(on), Household.objects.in_bulk([household for household, _allowance, _finding in found])
        said, then = {"decided_on": on.isoformat(), "month": chunk.run.month.isoformat()}, law_of(chunk.run.month)
        why = {code: {"finding": code} | resting_on(then.cite(key) for key in keys if then.has(key)) for code, keys in FINDINGS.items()}
        rows = [
            new_notice(homes[household], Scheme.DIRECT_AID, Deed.UNPAID, said | why[finding], on=on, law=law)
            for household, _allowance, finding in found
        ]
        _keep(rows, [(Source.UNPAID, [allowance]) for _household, allowance, _finding in found], at=at, law=law, by=by)
    floor.upto = chunk.pk
    floor.save(update_fields=["upto"])
    return 1


# What each kind says ----------------------------------------------------------------------------------------------------


def _moved_rows(on: date) -> QuerySet:
    """Ends of moved covers whose household is known: by the cover, else because the person has been registered since."""
    registered = Member.objects.filter(idcs=OuterRef("cover__idcs"), household__struck_off_on=None).values("household")[:1]
    rows = MigratedMove.objects.filter(before="migrated", after="ended").select_related("cover")
    home = Coalesce(F("cover__household"), Subquery(registered), output_field=BigIntegerField())
    return rows.annotate(home=home).filter(home__isnull=False)


def _say_moved(moves: list[MigratedMove], known: _Known) -> tuple[str, dict]:
    covers = [move.cover for move in moves]
    said = {
        "decided_on": localtime(moves[0].at).date().isoformat(), "reason": moves[0].reason, "moved": True,
        "people": [known.names.get(one.idcs, [one.name_fr, one.name_ar]) for one in covers], "covered": sorted(one.idcs for one in covers),
        "since": min(one.since for one in covers).isoformat(), "until": max(one.until for one in covers).isoformat(),
    }  # fmt: skip
    if row := known.lost.get(moves[0].home):
        said |= {"score": row.score, "line": threshold_points(row.threshold.value), "source": row.threshold.source}
    return Scheme.AMO_TADAMON, said


def _warned_rows(on: date) -> QuerySet:
    """Of whoever still holds a place, while the day lies ahead."""
    held = Enrollment.objects.filter(program__in=COVERS, idcs=OuterRef("idcs"), household=OuterRef("household"), status__in=HOLDING)
    rows = Forewarning.objects.filter(on_day__gt=on, lapsed_on=None)
    return rows.annotate(home=F("household_id"), held=Subquery(held.order_by("-pk").values("program")[:1])).filter(held__isnull=False)


def _say_warned(rows: list[Forewarning], known: _Known) -> tuple[str, dict]:
    [row] = rows
    people = [known.names[row.idcs]] if row.idcs in known.names else []
    said = {"decided_on": known.on.isoformat(), "people": people, "what": row.what, "until": row.on_day.isoformat()}
    keys = [PLACES[row.what]] if row.what in PLACES else []
    return row.held, said | resting_on(known.cite(known.on, *keys, FOREWARNED))


def _corrected_rows(on: date) -> QuerySet:
    lines = Prefetch("lines", queryset=DueLine.objects.select_related("member", "provision").order_by("pk"))
    return Correction.objects.annotate(home=F("household_id")).prefetch_related(lines)


def _say_corrected(rows: list[Correction], known: _Known) -> tuple[str, dict]:
    lines = [line for row in rows for line in row.lines.all()]
    recovery = AllowanceLine.Kind.RECOVERY
    return Scheme.DIRECT_AID, {
        "decided_on": known.on.isoformat(),
        "month": rows[0].month.isoformat(),
        "amount": sum(row.amount for row in rows),
        "made_up": -sum(line.amount for line in lines if line.kind == recovery),
        "reason": rows[-1].reason,
        "lines": [
            [line.kind, [line.member.name_fr, line.member.name_ar] if line.member else None, line.amount]
            for line in lines
            if line.kind != recovery
        ],
    } | resting_on([*known.cite(rows[0].month, AMOUNTS), *(line.provision for line in lines)])


def _recovery_rows(state: str) -> Callable[[date], QuerySet]:
    return lambda on: Overpayment.objects.filter(state=state, decided_at__isnull=False).annotate(home=F("household_id"))


def _say_recovery(rows: list[Overpayment], known: _Known) -> tuple[str, dict]:
    [row] = rows
    said = {"state": row.state, "amount": row.left, "share": row.share, "month": row.month.isoformat(), "reason": row.decision}
    decided_on, taken_back = localtime(row.decided_at).date(), [SHARE] if row.state == Overpayment.State.RECOVERING else []
    rests = resting_on([*known.cite(row.month, AMOUNTS), *known.cite(decided_on, *taken_back)])
    return Scheme.DIRECT_AID, said | {"decided_on": decided_on.isoformat()} | rests


def _returned_rows(on: date) -> QuerySet:
    """A child's account in an institution belongs to no family of the register; what was paid anew asks nothing of anybody."""
    anew = Payment.objects.filter(previous=OuterRef("pk")).exclude(status=Payment.Status.CANCELED)
    rows = Payment.objects.filter(~Exists(anew), status=Payment.Status.REJECTED, household__isnull=False)
    return rows.annotate(home=F("household_id"))


def _say_returned(rows: list[Payment], known: _Known) -> tuple[str, dict]:
    [row] = rows
    said = {"month": row.month.isoformat(), "amount": row.amount, "code": row.reason_code}
    said |= {"decided_on": (row.answered_on or known.on).isoformat()}
    return Scheme.DIRECT_AID, said | resting_on(known.cite(row.month, AMOUNTS, PAYEE))


def _answered_rows(on: date) -> QuerySet:
    return AppealMove.objects.filter(after__in=DECIDED).select_related("appeal").annotate(home=F("appeal__household_id"))


def _say_answered(rows: list[AppealMove], known: _Known) -> tuple[str, dict]:
    appeal = rows[0].appeal
    said = {"filed_on": appeal.filed_on.isoformat(), "status": appeal.status, "reason": appeal.answer, "appeal": appeal.pk}
    contested = known.cite(appeal.since, appeal.provision) if appeal.provision else []
    rests = resting_on([*contested, *known.cite(appeal.filed_on, ANSWERS)])
    return appeal.program, said | {"decided_on": appeal.decided_on.isoformat()} | rests


def _alone(row: Model) -> tuple:
    return (row.pk,)


KINDS = (
    _Kind(Source.MIGRATED, Deed.ENDED, _moved_rows, lambda row: (localtime(row.at).date(), row.reason), _say_moved),
    _Kind(Source.FOREWARNING, Deed.WARNED, _warned_rows, _alone, _say_warned),
    _Kind(Source.CORRECTION, Deed.CORRECTED, _corrected_rows, lambda row: (row.month,), _say_corrected),
    _Kind(Source.RECOVERY, Deed.RECOVERY, _recovery_rows(Overpayment.State.RECOVERING), _alone, _say_recovery),
    _Kind(Source.WAIVER, Deed.RECOVERY, _recovery_rows(Overpayment.State.WAIVED), _alone, _say_recovery),
    _Kind(Source.PAYMENT, Deed.RETURNED, _returned_rows, _alone, _say_returned),
    _Kind(Source.APPEAL, Deed.ANSWERED, _answered_rows, _alone, _say_answered),
)
