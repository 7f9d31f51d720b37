"""What administrators see: the kingdom, or the part of it that is theirs, from counts; no family is read here."""

from dataclasses import dataclass
from datetime import date

from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

import eligibility.permissions
import eligibility.queries
import eligibility.replays
from eligibility.law import Law
from eligibility.models import Program
from eligibility.queries import Level
from eligibility.score import threshold_points
from enrollment import budget
from rsu import charts
from rsu.authentication import role_required
from rsu.models import Commune, NamedPlace, Province, Region, User

PLACES = {
    Level.REGION: (Region, _("Région")),
    Level.PROVINCE: (Province, _("Province ou préfecture")),
    Level.COMMUNE: (Commune, _("Commune ou arrondissement")),
}
BELOW = {User.AreaLevel.KINGDOM: Level.REGION, User.AreaLevel.REGION: Level.PROVINCE}
"""What the rows of an area are; those of a province, and of a commune itself, are communes."""
READERS = ("administrator", "supervisor", "auditor")


@dataclass
class Count:
    households: int = 0
    people: int = 0

    def add(self, row: dict) -> None:
        self.households += row["households"]
        self.people += row["people"]


@dataclass(frozen=True)
class Coverage:
    """A program in one place or in the whole area: who is under its line, and who is enrolled."""

    program: Program
    entitled: Count
    enrolled: Count


@dataclass(frozen=True)
class PlaceLine:
    place: NamedPlace
    registered: Count
    coverage: list[Coverage]


@role_required(*READERS)
def kingdom(request):
    """Registered, entitled and enrolled by the places of the area, and the scores against both lines; `program` chooses the map."""
    law, user = request.law, request.user
    level = BELOW.get(user.area_level, Level.COMMUNE)
    programs = [program for program in Program if law.has(program.threshold_key)]
    lines = place_lines(user, level, programs, law)
    chosen = next((program for program in programs if program == request.GET.get("program")), programs[-1] if programs else None)
    context = {
        "on": timezone.localdate(),
        "programs": programs,
        "chosen": chosen,
        "lines": lines,
        "total": total_line(lines, programs),
        "place_label": PLACES[level][1],
        "map": chosen and level == Level.REGION and coverage_map(lines, chosen),
        "histogram": histogram(user, programs, law),
        "alarms": replay_alarms(user),
        "money": month_money(user),
    }
    return render(request, "dashboards/kingdom.html", context)


def place_lines(user: User, level: Level, programs: list[Program], law: Law) -> list[PlaceLine]:
    """One line a place of the area where somebody is registered; all twelve regions for the kingdom."""
    registered = _by_place(eligibility.queries.registered_by(user, level))
    enrolled = eligibility.queries.enrolled_by(user, level)
    entitled_rows = eligibility.queries.entitled_by(user, level)
    entitled = {program: _by_place(row for row in entitled_rows if row["program"] == program) for program in programs}
    by_program = {program: _by_place(row for row in enrolled if row["program"] == program) for program in programs}
    places = PLACES[level][0].objects.order_by("id")
    if level != Level.REGION:
        places = places.filter(pk__in=registered)
    return [
        PlaceLine(
            place,
            registered.get(place.pk, Count()),
            [Coverage(p, entitled[p].get(place.pk, Count()), by_program[p].get(place.pk, Count())) for p in programs],
        )
        for place in places
    ]


def _by_place(rows) -> dict[int, Count]:
    counts: dict[int, Count] = {}
    for row in rows:
        counts.setdefault(row["place_id"], Count()).add(row)
    return counts


def total_line(lines: list[PlaceLine], programs: list[Program]) -> PlaceLine:
    def summed(counts) -> Count:
        counts = list(counts)
        return Count(sum(count.households for count in counts), sum(count.people for count in counts))

    coverage = [
        Coverage(program, summed(line.coverage[n].entitled for line in lines), summed(line.coverage[n].enrolled for line in lines))
        for n, program in enumerate(programs)
    ]
    return PlaceLine(Region(name_fr="", name_ar=""), summed(line.registered for line in lines), coverage)


def coverage_map(lines: list[PlaceLine], program: Program) -> charts.Chart:
    entitled = {line.place.pk: coverage.entitled for line in lines for coverage in line.coverage if coverage.program == program}
    areas = [
        charts.Area(line.place.code, line.place.name, entitled[line.place.pk].households, line.registered.households) for line in lines
    ]
    return charts.region_map(
        areas,
        title=_("Part des ménages enregistrés sous le seuil, {program}").format(program=program.label),
        part=_("Sous le seuil"),
        whole=_("Enregistrés"),
    )


def histogram(user: User, programs: list[Program], law: Law) -> charts.Chart:
    lines = [charts.ThresholdLine(capfirst(program.label), threshold_points(law.value(program.threshold_key))) for program in programs]
    formula = law.cite("score.formula").id
    return charts.score_histogram(eligibility.queries.score_histogram(user, formula=formula), sorted(lines, key=lambda line: line.score))


@dataclass(frozen=True)
class MoneyLine:
    """What a region costs the State in a month, in centimes: aid written line by line, contributions counted."""

    region: Region | None
    aid: int
    contributions: int

    @property
    def both(self) -> int:
        return self.aid + self.contributions


@dataclass(frozen=True)
class Money:
    month: date
    lines: list[MoneyLine]
    total: MoneyLine
    may_read: bool


def month_money(user: User) -> Money | None:
    """The current month by region; None for an area smaller than a region."""
    regions = budget.regions_of(user)
    if not regions:
        return None
    month = timezone.localdate().replace(day=1)
    found = budget.month_money(user, month=month)
    aid, cover = budget.BUDGETED
    lines = [MoneyLine(region, found[pk][aid], found[pk][cover]) for pk, region in regions.items()]
    total = MoneyLine(None, sum(line.aid for line in lines), sum(line.contributions for line in lines))
    return Money(month, lines, total, user.role in budget.READERS)


@dataclass(frozen=True)
class Alarm:
    """A night whose sample could not be made again, until an administrator has acknowledged it."""

    sample: int
    on: date
    mismatches: int
    checked: int


def replay_alarms(user: User) -> list[Alarm]:
    """For those who read samples: an administrator or an auditor of the kingdom."""
    if not eligibility.permissions.may_read_samples(user):
        return []
    return [Alarm(row.pk, row.on, len(row.mismatches), row.checked) for row in eligibility.replays.alarms()]


urlpatterns = [path("", kingdom, name="kingdom")]
