"""A household's health cover as people look at it: who is insured with whom, each one's periods on one line of time.

Time runs the way one reads: from right to left in Arabic, as on the charts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import get_language
from django.utils.translation import gettext as _

import enrollment.moved
from enrollment.lifecycle import HOLDING
from enrollment.models import COVERS, Direction, Enrollment, MigratedCover, Unit
from households.models import Household, Member
from rsu.wording import day

WIDTH, BAR = 600, 22
AHEAD, BEHIND = timedelta(days=120), timedelta(days=180)
OPEN_YEAR = 9999
KNOWN = (Direction.State.CONFIRMED, Direction.State.ENDED)


@dataclass(frozen=True)
class Bar:
    """One period drawn: `x` and `width` in the picture's units, `kind` its class."""

    x: int
    width: int
    kind: str
    sentence: str


@dataclass(frozen=True)
class Row:
    """One person: `name` where the register no longer holds them is their number."""

    member: Member | None
    idcs: str
    bars: list[Bar]

    @property
    def sentences(self) -> list[str]:
        return [bar.sentence for bar in self.bars]


@dataclass(frozen=True)
class Mark:
    """A month of the line of time; its label runs on from `x` the way time does."""

    x: int
    label: str
    anchor: str = "start"


@dataclass(frozen=True)
class Timeline:
    rows: list[Row]
    marks: list[Mark]
    today: int
    width: int = WIDTH
    bar: int = BAR


@dataclass(frozen=True)
class Group:
    """One unit as it stands: its people's enrollments, the insured person's first."""

    unit: Unit
    rows: list[Enrollment]
    scheme: str


def legend() -> list[tuple[str, str]]:
    """(class, words) of every kind of bar."""
    return [
        ("tadamon", _("AMO-TADAMON")),
        ("achamil", _("AMO ACHAMIL")),
        ("held", _("à revoir ou suspendue")),
        ("other", _("autre couverture obligatoire")),
    ]


def groups(household: Household) -> list[Group]:
    """Units in which somebody holds or is offered a place today, the head's first."""
    standing = household.enrollments.filter(program__in=COVERS, status__in=("proposed", "migrated", *HOLDING))
    rows = standing.select_related("member", "unit").order_by("unit_id", "-quality", "member__position", "id")
    found: dict[tuple, list[Enrollment]] = {}
    for row in rows:
        found.setdefault((row.unit_id, row.program), []).append(row)
    every = [Group(rows[0].unit, rows, rows[0].get_program_display()) for rows in found.values()]
    return sorted(every, key=lambda group: min(row.member.position if row.member else 999 for row in group.rows))


def timeline(household: Household, members: Iterable[Member], *, on: date) -> Timeline | None:
    """Everybody who lives here or was covered here; None where there is nothing to draw."""
    members = list(members)
    by_idcs = {member.idcs: member for member in members}
    covers = list(_covers(household, by_idcs))
    moved = [one for one in enrollment.moved.covers_of(list(by_idcs)) if one.since < one.until]
    others = list(Direction.objects.filter(idcs__in=by_idcs, state__in=KNOWN).order_by("since"))
    if not covers and not moved and not others:
        return None
    first = min(row.since for row in (*covers, *moved, *others))
    start, end = min(first, on) - timedelta(days=15), on + AHEAD
    start = max(start, on - timedelta(days=3 * 365))
    scale = _Scale(start, end, mirrored=get_language() == "ar")
    bars: dict[str, list[Bar]] = {idcs: [] for idcs in by_idcs}
    for row in covers:
        bars.setdefault(row.idcs, []).append(scale.bar(row.since, row.until, _kind(row), _told(row)))
    for one in moved:
        bars[one.idcs].append(scale.bar(one.since, one.until, "tadamon", _told_moved(one)))
    for one in others:
        bars[one.idcs].append(scale.bar(one.since, one.until, "other", _told_other(one)))
    rows = [Row(by_idcs.get(idcs), idcs, [bar for bar in drawn if bar]) for idcs, drawn in bars.items()]
    return Timeline([row for row in rows if row.bars or row.member], scale.marks(), scale.x(on))


def _covers(household: Household, people: Iterable[str]) -> Iterable[Enrollment]:
    shown = (*HOLDING, "ended", "migrated")
    here = household.enrollments.filter(program__in=COVERS, status__in=shown)
    elsewhere = Enrollment.objects.filter(program__in=COVERS, status__in=shown, idcs__in=list(people))
    rows = (here | elsewhere).order_by("since", "id")
    return (row for row in rows if row.since < row.until)


def _kind(row: Enrollment) -> str:
    if row.status in ("in_review", "suspended"):
        return "held"
    return "achamil" if row.program == "amo_achamil" else "tadamon"


def _told(row: Enrollment) -> str:
    words = {"scheme": row.get_program_display(), "quality": row.get_quality_display(), "status": row.get_status_display()}
    words |= {"since": day(row.since), "until": day(row.until - timedelta(days=1)) if row.until.year < OPEN_YEAR else ""}
    if not words["until"]:
        return _("%(scheme)s, %(quality)s, depuis le %(since)s (%(status)s)") % words
    return _("%(scheme)s, %(quality)s, du %(since)s au %(until)s inclus (%(status)s)") % words


def _told_moved(one: MigratedCover) -> str:
    words = {"quality": one.get_quality_display(), "status": one.get_status_display()}
    words |= {"since": day(one.since), "until": day(one.until - timedelta(days=1))}
    return _("AMO-TADAMON reprise du RAMED, %(quality)s, du %(since)s au %(until)s inclus (%(status)s)") % words


def _told_other(one: Direction) -> str:
    words = {"scheme": one.get_scheme_display(), "since": day(one.since)}
    if one.until.year == OPEN_YEAR:
        return _("%(scheme)s, depuis le %(since)s") % words
    return _("%(scheme)s, du %(since)s au %(until)s inclus") % (words | {"until": day(one.until - timedelta(days=1))})


class _Scale:
    def __init__(self, start: date, end: date, *, mirrored: bool) -> None:
        self.start, self.end, self.mirrored = start, end, mirrored

    def x(self, at: date) -> int:
        at = min(max(at, self.start), self.end)
        run = round((at - self.start).days * WIDTH / (self.end - self.start).days)
        return WIDTH - run if self.mirrored else run

    def bar(self, since: date, until: date, kind: str, sentence: str) -> Bar | None:
        """None for what lies before the picture; what is open runs to its end."""
        if until <= self.start:
            return None
        low, high = sorted((self.x(since), self.x(until)))
        width = max(high - low, 2)
        return Bar(high - width if self.mirrored else low, width, kind, sentence)

    def marks(self) -> list[Mark]:
        """A mark every so many months, never more than six."""
        months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
        step = max(1, -(-months // 6))
        first = self.start.year * 12 + self.start.month
        days = [date(number // 12, number % 12 + 1, 1) for number in range(first, first + months, step)]
        anchor = "end" if self.mirrored else "start"
        return [Mark(self.x(at), f"{at:%m/%Y}", anchor) for at in days if self.start <= at <= self.end - timedelta(days=20)]
