"""What administrators see: the kingdom, or the part of it that is theirs, from counts; no family is read here."""

from dataclasses import dataclass

from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

import eligibility.queries
from eligibility.law import Law
from eligibility.models import Program
from eligibility.score import threshold_points
from rsu import charts
from rsu.authentication import role_required
from rsu.models import Region, User

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
    """A program in one region or in the whole area: who is under its line, and who is enrolled."""

    program: Program
    entitled: Count
    enrolled: Count


@dataclass(frozen=True)
class RegionLine:
    region: Region
    registered: Count
    coverage: list[Coverage]


@role_required(*READERS)
def kingdom(request):
    """Registered, entitled and enrolled by region, and the scores against both lines; `program` chooses the map."""
    law, user = request.law, request.user
    programs = [program for program in Program if law.has(program.threshold_key)]
    lines = region_lines(user, programs, law)
    chosen = next((program for program in programs if program == request.GET.get("program")), programs[-1] if programs else None)
    context = {
        "on": timezone.localdate(),
        "programs": programs,
        "chosen": chosen,
        "lines": lines,
        "total": total_line(lines, programs),
        "map": chosen and coverage_map(lines, chosen),
        "histogram": histogram(user, programs, law),
    }
    return render(request, "dashboards/kingdom.html", context)


def region_lines(user: User, programs: list[Program], law: Law) -> list[RegionLine]:
    """One line a region the user's area touches; all twelve for the kingdom."""
    registered = _by_region(eligibility.queries.registered_by_region(user))
    enrolled = eligibility.queries.enrolled_by_region(user)
    entitled = {program: _by_region(eligibility.queries.entitled_by_region(user, program, on=law.on)) for program in programs}
    by_program = {program: _by_region(row for row in enrolled if row["program"] == program) for program in programs}
    everywhere = user.area_level == User.AreaLevel.KINGDOM
    return [
        RegionLine(
            region,
            registered.get(region.pk, Count()),
            [Coverage(p, entitled[p].get(region.pk, Count()), by_program[p].get(region.pk, Count())) for p in programs],
        )
        for region in Region.objects.order_by("id")
        if everywhere or region.pk in registered
    ]


def _by_region(rows) -> dict[int, Count]:
    counts: dict[int, Count] = {}
    for row in rows:
        counts.setdefault(row["region_id"], Count()).add(row)
    return counts


def total_line(lines: list[RegionLine], programs: list[Program]) -> RegionLine:
    def summed(counts) -> Count:
        counts = list(counts)
        return Count(sum(count.households for count in counts), sum(count.people for count in counts))

    coverage = [
        Coverage(program, summed(line.coverage[n].entitled for line in lines), summed(line.coverage[n].enrolled for line in lines))
        for n, program in enumerate(programs)
    ]
    return RegionLine(Region(name_fr="", name_ar=""), summed(line.registered for line in lines), coverage)


def coverage_map(lines: list[RegionLine], program: Program) -> charts.Chart:
    entitled = {line.region.pk: coverage.entitled for line in lines for coverage in line.coverage if coverage.program == program}
    areas = [
        charts.Area(line.region.code, line.region.name, entitled[line.region.pk].households, line.registered.households) for line in lines
    ]
    return charts.region_map(
        areas,
        title=_("Part des ménages enregistrés sous le seuil, {program}").format(program=program.label),
        part=_("Sous le seuil"),
        whole=_("Enregistrés"),
    )


def histogram(user: User, programs: list[Program], law: Law) -> charts.Chart:
    lines = [charts.ThresholdLine(capfirst(program.label), threshold_points(law.value(program.threshold_key))) for program in programs]
    return charts.score_histogram(eligibility.queries.score_histogram(user), sorted(lines, key=lambda line: line.score))


urlpatterns = [path("", kingdom, name="kingdom")]
