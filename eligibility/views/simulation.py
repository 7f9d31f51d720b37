"""What a line would cover and cost, before anybody signs it: the curve, a slider, a budget."""

import re
from dataclasses import dataclass
from functools import cached_property

from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET
from django_htmx.http import replace_url

from households.entries import compact
from rsu import charts, numerals
from rsu.authentication import role_required
from rsu.models import Milieu, Region

from .. import curve, permissions
from ..curve import Count, CutOff
from ..law import Law
from ..models import Program
from ..score import format_points, threshold_points

SIGNS = str.maketrans({",": ".", "٫": ".", numerals.MINUS: "-"})
HUNDREDTH = 10**5
STEPS = (-10 * HUNDREDTH, -HUNDREDTH, HUNDREDTH, 10 * HUNDREDTH)
MONTHS = 12


class LineForm(forms.Form):
    """`line` is cleaned to ten-millionths."""

    line = forms.CharField(
        label=_("Seuil simulé"),
        help_text=_("Un nombre de sept décimales au plus, avec une virgule."),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "dir": "ltr", "autocomplete": "off"}),
    )

    def clean_line(self) -> int:
        try:
            return threshold_points(_plain(self.cleaned_data["line"]))
        except ValueError:
            raise ValidationError(_("Ce n’est pas un nombre de sept décimales au plus.")) from None


class BudgetForm(forms.Form):
    """`amount` is cleaned to centimes, or to a whole number of households or people."""

    UNITS = {"dirhams": 2, "millions": 8, "households": 0, "people": 0}
    """Decimals that are still a whole centime, or a whole family."""
    amount = forms.CharField(
        label=_("Ne pas dépasser, ou couvrir"),
        max_length=25,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "dir": "ltr", "autocomplete": "off"}),
    )
    unit = forms.ChoiceField(
        label=_("Unité"),
        choices=[
            ("millions", _("millions de MAD par mois, au plus")),
            ("dirhams", _("MAD par mois, au plus")),
            ("households", _("ménages, au moins")),
            ("people", _("personnes, au moins")),
        ],
    )

    def clean(self) -> dict:
        amount, unit = self.cleaned_data.get("amount"), self.cleaned_data.get("unit")
        if amount and unit:
            self.cleaned_data["amount"] = self._whole(amount, self.UNITS[unit])
        return self.cleaned_data

    def _whole(self, typed: str, decimals: int) -> int | None:
        found = re.fullmatch(r"([0-9]{1,15})(?:\.([0-9]+))?", _plain(typed))
        if found and len((found[2] or "").rstrip("0")) <= decimals:
            number = int(found[1] + (found[2] or "")[:decimals].ljust(decimals, "0"))
            if number or self.cleaned_data["unit"] in ("dirhams", "millions"):
                return number
        self.add_error("amount", _("Un nombre positif : un montant au centime, ou un nombre entier de ménages ou de personnes."))
        return None


@dataclass(frozen=True)
class Line:
    """One milieu of a region, or both, under two lines."""

    label: str
    before: Count
    after: Count

    @property
    def change(self) -> Count:
        return self.after - self.before

    @property
    def year_before(self) -> int:
        return MONTHS * self.before.centimes

    @property
    def year(self) -> int:
        return MONTHS * self.after.centimes

    @property
    def signed_month(self) -> str:
        return _signed(self.change.centimes)

    @property
    def signed_year(self) -> str:
        return _signed(MONTHS * self.change.centimes)


@dataclass(frozen=True)
class Comparison:
    """What a line covers and costs beside another; before is None where no line is in force: everything is gained."""

    program: Program
    before: CutOff | None
    after: CutOff

    @cached_property
    def old(self) -> CutOff:
        return self.before or CutOff(self.after.points)

    @property
    def total(self) -> Line:
        return Line(gettext("Ensemble"), self.old.total, self.after.total)

    @property
    def rises(self) -> bool:
        return self.before is None or self.after.points > self.before.points

    @property
    def same(self) -> bool:
        return self.before is not None and self.after.points == self.before.points

    @property
    def typed(self) -> str:
        return _typed(self.after.points)

    @property
    def estimated(self) -> bool:
        return self.program == Program.AMO_TADAMON

    @cached_property
    def places(self) -> list[tuple[Region, list[Line]]]:
        """Each region where somebody is under a line: urban, rural, and both."""
        inside = {region for region, _milieu in self.old.cells.keys() | self.after.cells.keys()}
        regions = Region.objects.in_bulk(inside)
        return [(regions[region], self._lines(region)) for region in sorted(inside)]

    def _lines(self, region: int) -> list[Line]:
        milieux = [Line(milieu.label, self.old.of(region, milieu), self.after.of(region, milieu)) for milieu in Milieu]
        return [*milieux, Line(gettext("ensemble"), self.old.of(region), self.after.of(region))]


def compare(user, *, program: Program, old: int | None, new: int, law: Law) -> Comparison:
    """Two lines side by side, on today's scores, in one query (and one for the regions' names)."""
    if old is None:
        return Comparison(program, None, curve.at(user, program=program, points=new, law=law))
    return Comparison(program, *curve.several(user, program=program, points=[old, new], law=law))


@role_required(*permissions.READERS)
@require_GET
def simulate(request):
    """`program` and `line`, or `amount` and `unit` of a budget: the line that fits it."""
    law, user = request.law, request.user
    programs = [program for program in Program if law.has(program.threshold_key)]
    if not programs:
        return render(request, "eligibility/simulate.html", {"programs": programs})
    program = _chosen(programs, request.GET.get("program"))
    in_force = threshold_points(law.value(program.threshold_key))
    points = [
        charts.Cumulated(point.points + 1, point.held.households, point.held.people, point.held.centimes)
        for point in curve.curve(user, program=program, law=law)
    ]
    budget = BudgetForm(request.GET if "amount" in request.GET else None)
    asked = LineForm(request.GET if "line" in request.GET and not budget.is_bound else None)
    fit = _fit(user, program, budget, law) if budget.is_valid() else None
    line = fit if fit is not None else asked.cleaned_data["line"] if asked.is_valid() else in_force
    low, high = charts.ends_of(points)
    context = _figures(request, program, in_force, line) | {
        "programs": programs,
        "points": points,
        "chart": charts.cumulated_curves(points, in_force=in_force, chosen=line),
        "low": low,
        "high": high,
        "width": charts.CURVE_WIDTH,
        "color": charts.CHOSEN,
        "form": asked if asked.errors else LineForm(initial={"line": _typed(line)}),
        "budget": budget,
        "fit": fit,
        "everyone": fit is not None and bool(points) and fit >= points[-1].under - 1,
        "too_many": budget.is_valid() and fit is None,
        "slider": {"low": low / 10**7, "high": high / 10**7, "at": round(min(max(line, low), high) / 10**7, 2)},
        "steps": [(by, numerals.decimal(by // HUNDREDTH, 2, signed=True, trim=True), _typed(line + by)) for by in STEPS],
    }
    return render(request, "eligibility/simulate.html", context, status=422 if asked.errors or budget.errors else 200)


@role_required(*permissions.READERS)
@require_GET
def simulate_at(request):
    """The figures alone, as the slider asks for them; without htmx the whole page, as a link asks for it."""
    if not request.htmx:
        return simulate(request)
    law = request.law
    program = _chosen([program for program in Program if law.has(program.threshold_key)], request.GET.get("program"))
    form = LineForm(request.GET)
    if program is None or not form.is_valid():
        return render(request, "eligibility/simulate_refused.html", {"form": form}, status=422)
    line = form.cleaned_data["line"]
    answer = render(
        request, "eligibility/simulate_figures.html", _figures(request, program, threshold_points(law.value(program.threshold_key)), line)
    )
    return replace_url(answer, f"{reverse('eligibility:simulate')}?{urlencode({'program': program.value, 'line': _typed(line)})}")


def _figures(request, program: Program, in_force: int, line: int) -> dict:
    return {
        "program": program,
        "in_force": in_force,
        "line": line,
        "comparison": compare(request.user, program=program, old=in_force, new=line, law=request.law),
        "may_propose": permissions.may_propose(request.user),
        "propose": f"{reverse('eligibility:propose')}?{urlencode({'key': program.threshold_key, 'value': _typed(line)})}",
    }


def _chosen(programs: list[Program], wanted: str | None) -> Program | None:
    return next((program for program in programs if program == wanted), programs[-1] if programs else None)


def _fit(user, program: Program, budget: BudgetForm, law: Law) -> int | None:
    amount, unit = budget.cleaned_data["amount"], budget.cleaned_data["unit"]
    if unit in ("households", "people"):
        return curve.cut_off_covering(user, program=program, law=law, **{unit: amount})
    return curve.cut_off_for(user, program=program, budget_centimes=amount, law=law)


def _plain(typed: str) -> str:
    """A number as people type it, in either script, with a point."""
    return compact(typed).translate(SIGNS)


def _signed(centimes: int) -> str:
    return ("+" if centimes > 0 else "") + numerals.dirhams(centimes, trim=True)


def _typed(points: int) -> str:
    """As it is typed in a field: a comma, seven decimals, no space."""
    return format_points(points).replace(".", ",")
