"""The budget's pages: the year, a month, what was foreseen against what was spent; sums that are kept, read in a few queries."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from eligibility import curve, prices
from eligibility.law import FORMULA, Law
from eligibility.models import Program
from eligibility.queries import law as law_on
from eligibility.score import threshold_points
from rsu import budget_chart
from rsu.authentication import role_required
from rsu.models import Milieu
from rsu.months import first_of_next_month

from .. import budget, services
from ..allowances import AMOUNTS, SCHOOL_START
from ..forecasts import INSTITUTIONS, digest_of, digests_of, law_of
from ..models import AllowanceLine, Scheme

YEARS = range(2022, 2100)
KINDS = {
    "institution": gettext_lazy("somme d’un enfant en établissement"),
    "institution_completion": gettext_lazy("complément à la somme garantie en établissement"),
    "school_start": gettext_lazy("aide à la rentrée scolaire"),
    "birth": gettext_lazy("prime de naissance"),
    "correction": gettext_lazy("correction d’un mois passé"),
    "recovery": gettext_lazy("retenue d’un trop-perçu"),
    "state_contribution": gettext_lazy("cotisation prise en charge par l’État"),
    "family_contribution": gettext_lazy("cotisation payée par la famille (hors budget)"),
}
PROVISIONS = {
    "institution": INSTITUTIONS,
    "institution_completion": INSTITUTIONS,
    "school_start": SCHOOL_START,
    "birth": "direct_aid.birth_grant",
    "state_contribution": prices.CONTRIBUTION,
    "family_contribution": "amo_achamil.bands",
}
"""The provision that a kind of line comes from; any other is one of the amounts."""
HUNDREDTH = 10**5
"""Of a score: the step a threshold is simulated by."""


def kind_words(kind: str, band: int = 0, law: Law | None = None) -> str:
    """A kind of line in words, with its ranks; a kind that another part of the product adds is said by its own words."""
    words = KINDS.get(kind) or dict(AllowanceLine.Kind.choices).get(kind) or kind
    if not band:
        return str(words)
    bands = law.value(AMOUNTS)["bands"] if law and law.has(AMOUNTS) else []
    last = next((one["last"] for one in bands if one["first"] == band), None)
    if last is None:
        return _("%(kind)s, à partir du rang %(first)s") % {"kind": words, "first": band}
    return _("%(kind)s, rangs %(first)s à %(last)s") % {"kind": words, "first": band, "last": last}


def program_words(program: str) -> str:
    return str(Scheme(program).label)


@dataclass(frozen=True)
class KindLine:
    """A row of what each provision costs, with its words and the text it rests on."""

    row: budget.KindRow
    words: str
    program: str
    citation: object


def kind_lines(view: budget.MonthView, law: Law) -> list[KindLine]:
    lines = []
    for row in view.kinds:
        key = PROVISIONS.get(row.kind, AMOUNTS)
        lines.append(
            KindLine(row, kind_words(row.kind, row.band, law), program_words(row.program), law.cite(key) if law.has(key) else None)
        )
    return lines


def tabs() -> list[tuple[str, str, str]]:
    """(name, address, words) of the pages of the budget."""
    return [
        ("year", reverse("enrollment:budget"), _("L’année")),
        ("month", reverse("enrollment:budget_month"), _("Un mois")),
        ("forecasts", reverse("enrollment:budget_forecasts"), _("Prévu et dépensé")),
        ("scenarios", reverse("enrollment:budget_scenarios"), _("Une autre loi")),
    ]


@require_safe
@role_required(*budget.READERS)
def year(request):
    """`year`, the current one unless asked: each program's path against its envelope."""
    budget.check_read(request.user)
    today = localdate()
    chosen = _year(request.GET.get("year"), today)
    law = request.law if chosen == today.year else law_on(date(chosen, 12, 31))
    paths = budget.paths(request.user, year=chosen, on=today, law=law)
    context = {
        "tabs": tabs(),
        "year": chosen,
        "on": today,
        "this_month": today.replace(day=1),
        "paths": [(path, _chart(path, chosen)) for path in paths],
        "unknown": any(path.unknown for path in paths),
        "forecast": (forecast := _of_this_month(chosen, today)),
        "decided_since": budget.decided_since(forecast),
        "before": chosen - 1 if chosen - 1 in YEARS else None,
        "after": chosen + 1 if chosen <= today.year else None,
    }
    return render(request, "enrollment/budget.html", context)


def _of_this_month(year: int, today: date):
    """What the current month is foreseen to cost, on the page of its year."""
    this = today.replace(day=1)
    return budget.latest_forecasts(first=this, last=this).get(this) if year == today.year else None


def _chart(path: budget.Path, year: int):
    steps = [budget_chart.Step(month.month, month.spent, month.foreseen, month.cumulated) for month in path.months]
    title = _("%(program)s, dépense cumulée de %(year)s") % {"program": path.program.label, "year": year}
    envelope = path.envelope.share if path.envelope and path.envelope.counted else None
    return budget_chart.year_path(
        steps,
        envelope=envelope,
        partial=bool(envelope and path.envelope.partial),
        exceeded_in=path.exceeded_in if envelope else None,
        title=title[:1].upper() + title[1:],
    )


@require_safe
@role_required(*budget.READERS)
def month(request):
    """`month` as 2026-01: who could, who does, what was written, by place and by provision."""
    budget.check_read(request.user)
    today = localdate()
    chosen = month_asked(request.GET.get("month"), today)
    law = law_on(chosen)
    view = budget.month_view(request.user, month=chosen)
    context = {
        "tabs": tabs(),
        "month": chosen,
        "on": today,
        "view": view,
        "totals": [(program_words(row.program), row) for row in view.totals],
        "places": [(program_words(row.program), Milieu(row.milieu).label, row) for row in view.places],
        "kinds": kind_lines(view, law),
        "steps": threshold_steps(request.user, request.law),
        "before": (chosen - timedelta(days=1)).replace(day=1),
        "after": first_of_next_month(chosen),
        "decided_since": chosen >= today.replace(day=1) and budget.decided_since(view.forecast),
        "may_recount": request.user.role == "administrator" and chosen >= today.replace(day=1),
        "stale": view.forecast and chosen >= today.replace(day=1) and view.forecast.digest != digest_of(law_of(chosen)),
    }
    return render(request, "enrollment/budget_month.html", context)


@require_POST
@role_required("administrator")
def recount(request):
    """The month counted again, now."""
    budget.check_read(request.user)
    chosen = month_asked(request.POST.get("month"), localdate())
    try:
        counted = services.recount_month(month=chosen, on=localdate(), by=request.user)
    except services.MonthGoneBy as refusal:
        messages.warning(request, str(refusal))
    else:
        done = _("Le mois est compté de nouveau.") if counted else _("Le compte se refait : rechargez cette page dans quelques minutes.")
        messages.info(request, done)
    return redirect(f"{reverse('enrollment:budget_month')}?month={chosen:%Y-%m}")


def threshold_steps(user, law: Law) -> list[tuple[str, str, curve.Count]]:
    """What a hundredth more on each line of today would let in, and cost a month: from the tally of scores."""
    steps = []
    for program in Program:
        if law.has(program.threshold_key) and law.has(FORMULA):
            points = threshold_points(law.value(program.threshold_key))
            now, more = curve.several(user, program=program, points=[points, points + HUNDREDTH], law=law)
            steps.append((program_words(program), law.cite(program.threshold_key), more.total - now.total))
    return steps


@require_safe
@role_required(*budget.READERS)
def forecasts(request):
    """What the months of a year were foreseen to cost beside what was written, and why they differ."""
    budget.check_read(request.user)
    today = localdate()
    chosen = _year(request.GET.get("year"), today)
    gaps = _gaps(request.user, chosen)
    context = {
        "tabs": tabs(),
        "year": chosen,
        "gaps": [
            (program_words(gap.program), gap, [(kind_words(kind, band), one) for one in gap.kinds for kind, band in [one.label]])
            for gap in gaps
        ],
        "before": chosen - 1 if chosen - 1 in YEARS else None,
        "after": chosen + 1 if chosen < today.year else None,
    }
    return render(request, "enrollment/budget_forecasts.html", context)


def _gaps(user, year: int) -> list[budget.MonthGap]:
    first, last = date(year, 1, 1), date(year, 12, 1)
    return budget.gaps(user, first=first, last=last, digests=digests_of(budget.months_of_year(year)))


@require_safe
@role_required(*budget.READERS)
def file(request, table: str):
    """One table as CSV: sums only, and no row of so few households that one could be found in it."""
    budget.check_read(request.user)
    today = localdate()
    if table == "year":
        chosen = _year(request.GET.get("year"), today)
        return csv_of(f"budget-{chosen}", *_year_rows(request, chosen, today))
    if table == "forecasts":
        chosen = _year(request.GET.get("year"), today)
        return csv_of(f"budget-{chosen}-forecasts", *_gap_rows(request.user, chosen))
    if table in ("places", "kinds"):
        chosen = month_asked(request.GET.get("month"), today)
        rows = _place_rows if table == "places" else _kind_rows
        return csv_of(f"budget-{chosen:%Y-%m}-{table}", *rows(request, chosen))
    raise Http404


def _year_rows(request, year: int, today: date):
    header = [
        _("Programme"),
        _("Mois"),
        _("Dépensé, MAD"),
        _("Prévu, MAD"),
        _("Cumul, MAD"),
        _("Enveloppe de l’année, MAD"),
        _("Part de l’enveloppe, MAD"),
    ]
    law = request.law if year == today.year else law_on(date(year, 12, 31))
    rows = []
    for path in budget.paths(request.user, year=year, on=today, law=law):
        whole, share = (plain(path.envelope.amount), plain(path.envelope.share)) if path.envelope else ("", "")
        rows += [
            [program_words(path.program), f"{m.month:%Y-%m}", plain(m.spent), plain(m.foreseen), plain(m.cumulated), whole, share]
            for m in path.months
        ]
    return header, rows


def _place_rows(request, month: date):
    sides = (_("admis par l’indice"), _("inscrits"), _("écrit"))
    figures = [f"{who}, {what}" for who in sides for what in (_("ménages"), _("personnes"), _("MAD"))]
    header = [_("Programme"), _("Région"), _("Milieu"), *figures]
    view, least = budget.month_view(request.user, month=month), request.law.value("budget.smallest_count")
    rows = []
    for program in sorted({row.program for row in view.places}):
        of = [row for row in view.places if row.program == program]
        rows += budget.merge_small(of, least=least, size=lambda row: row.smallest, merged=_merged_places)
    return header, [[program_words(row.program), row.region or _("regroupées"), _milieu(row), *_figures(row)] for row in rows]


def _milieu(row: budget.PlaceRow) -> str:
    return str(Milieu(row.milieu).label) if row.milieu else ""


def _merged_places(rows: list[budget.PlaceRow]) -> budget.PlaceRow:
    sums = [sum((getattr(row, side) for row in rows), budget.Amount()) for side in ("entitled", "enrolled", "spent")]
    return budget.PlaceRow(rows[0].program, None, "", *sums)


def _figures(row) -> list:
    return [
        figure
        for amount in (row.entitled, row.enrolled, row.spent)
        for figure in (amount.households, amount.people, plain(amount.centimes))
    ]


def _kind_rows(request, month: date):
    sides = (_("admis par l’indice"), _("inscrits"), _("écrit"))
    figures = [f"{who}, {what}" for who in sides for what in (_("lignes"), _("MAD"))]
    header = [_("Programme"), _("Disposition"), *figures, _("un dirham de plus, MAD")]
    view, least = budget.month_view(request.user, month=month), request.law.value("budget.smallest_count")
    every, lines = kind_lines(view, law_on(month)), []
    for program in sorted({line.program for line in every}):
        of = [line for line in every if line.program == program]
        lines += budget.merge_small(of, least=least, size=lambda line: _lines_of(line.row), merged=_merged_kinds)
    return header, [
        [line.program, line.words]
        + [figure for amount in (line.row.entitled, line.row.enrolled, line.row.spent) for figure in (amount.lines, plain(amount.centimes))]
        + [plain(line.row.enrolled.one_more)]
        for line in lines
    ]


def _merged_kinds(lines: list[KindLine]) -> KindLine:
    sums = [sum((getattr(line.row, side) for line in lines), budget.Amount()) for side in ("entitled", "enrolled", "spent")]
    return KindLine(budget.KindRow(lines[0].row.program, "other", 0, *sums), _("autres lignes, regroupées"), lines[0].program, None)


def _lines_of(row: budget.KindRow) -> int:
    return min((amount.lines for amount in (row.entitled, row.enrolled, row.spent) if amount.lines), default=0)


def _gap_rows(user, year: int):
    header = [
        _("Programme"), _("Mois"), _("Prévu le"), _("Prévu, MAD"), _("Écrit, MAD"), _("Écart, MAD"),
        _("par le nombre, MAD"), _("par le montant moyen, MAD"),
    ]  # fmt: skip
    return header, [
        [program_words(gap.program), f"{gap.month:%Y-%m}", gap.forecast.made_on.isoformat()]
        + [
            plain(n)
            for n in (gap.whole.foreseen.centimes, gap.whole.spent.centimes, gap.whole.difference, gap.whole.by_count, gap.whole.by_mean)
        ]
        for gap in _gaps(user, year)
    ]


def csv_of(name: str, header: list, rows: list[list]) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}.csv"'})
    writer = csv.writer(answer)
    writer.writerow(header)
    writer.writerows(rows)
    return answer


def plain(centimes: int) -> str:
    """Dirhams as a spreadsheet reads them in every language."""
    return f"{'-' if centimes < 0 else ''}{abs(centimes) // 100}.{abs(centimes) % 100:02d}"


def _year(typed: str | None, today: date) -> int:
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) == 4 and int(typed) in YEARS else today.year


def month_asked(typed: str | None, today: date) -> date:
    """2026-01, within reason; the current month otherwise."""
    try:
        found = date.fromisoformat(f"{typed}-01")
    except ValueError:
        found = None
    return found if found and found.year in YEARS else today.replace(day=1)
