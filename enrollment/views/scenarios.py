"""What another law would cost in the budget: a proposal, or values typed here, beside the law as it is voted. Nothing is decided."""

from datetime import date

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from eligibility import values, wording
from eligibility.changes import pairs_of
from eligibility.models import Proposal
from eligibility.permissions import may_propose, why_not_propose
from rsu.authentication import role_required

from .. import budget, services
from ..forecasts import law_of
from .budget import csv_of, kind_words, plain, program_words, tabs

KEYS = (
    "direct_aid.amounts",
    "direct_aid.threshold",
    "direct_aid.school_start",
    "direct_aid.institutions",
    "amo_tadamon.threshold",
    "amo_tadamon.state_contribution",
)
"""Values that a month's cost follows at once; a proposal may be about any key."""
PAGE = 15


class MonthsForm(forms.Form):
    """`first`, and `last`: the same month, or December of its year."""

    first = forms.TypedChoiceField(label=gettext_lazy("Mois compté"), coerce=date.fromisoformat)
    whole_year = forms.BooleanField(
        label=gettext_lazy("Compter aussi les mois suivants, jusqu’en décembre de la même année"), required=False
    )

    def __init__(self, *args, on: date, **options) -> None:
        super().__init__(*args, **options)
        months = services.months_from(on, services.MONTHS_AHEAD)
        self.fields["first"].choices = [(month.isoformat(), date_format(month, "F Y")) for month in months]

    @property
    def months(self) -> dict[str, date]:
        first = self.cleaned_data["first"]
        return {"first": first, "last": first.replace(month=12) if self.cleaned_data["whole_year"] else first}


class ValuesForm(MonthsForm):
    """The fields of one key of the law, filled with what is in force; `changes` is what was typed."""

    def __init__(self, *args, key: str, value, on: date, **options) -> None:
        self.key = key
        rows = values.rows_in(key, value) if values.has_rows(key) else 0
        self.rows, self.parts = rows, values.parts_of(key)
        self.row_parts = values.row_parts(key, rows) if rows else []
        every = [*self.parts, *(part for row in self.row_parts for part in row)]
        super().__init__(*args, on=on, initial=values.initial_of(every, value), **options)
        for number, row in enumerate(self.row_parts, start=1):
            for part in row:
                self.fields[part.name] = values.field_for(part, key)
                self.fields[part.name].label = _("Ligne %(number)s, %(label)s") % {"number": number, "label": part.label}
        for part in self.parts:
            self.fields[part.name] = values.field_for(part, key)
        self.names = [part.name for part in every]

    def value_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.names]

    @property
    def changes(self) -> dict:
        return {self.key: values.value_of(self.key, self.cleaned_data, self.rows)}


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*budget.READERS)
def scenarios(request):
    """What was asked before, and the ways to ask: a proposal, or one key (`key`) with other values."""
    budget.check_read(request.user)
    today, key = localdate(), request.POST.get("key") or request.GET.get("key")
    proposals = Proposal.objects.filter(status=Proposal.Status.OPEN).filter(_counted_keys()).order_by("-id")
    forms_shown = _forms(request, key if key in KEYS and request.law.has(key) else None, today)
    if request.method == "POST":
        asked = _asked(request, forms_shown, today)
        if asked:
            return redirect("enrollment:budget_scenario", pk=asked.pk)
    page = Paginator(budget.scenarios(), PAGE).get_page(request.GET.get("page"))
    context = {
        "tabs": tabs(),
        "page": page,
        "rows": [(scenario, _title(scenario)) for scenario in page.object_list],
        "proposals": [(proposal, wording.KEYS[proposal.key].label) for proposal in proposals],
        "keys": [(one, wording.KEYS[one].label) for one in KEYS if request.law.has(one)],
        "key": forms_shown["values"].key if forms_shown["values"] else None,
        "label": wording.KEYS[key].label if forms_shown["values"] else "",
        "forms": forms_shown,
        "chosen": request.GET.get("proposal") or request.POST.get("proposal"),
        "why_not": why_not_propose(request.user),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "enrollment/budget_scenarios.html", context, status=status)


def _counted_keys() -> Q:
    return Q(key__startswith="direct_aid.") | Q(key__startswith="amo") | Q(key="score.formula")


def _forms(request, key: str | None, today: date) -> dict:
    typed = request.POST if request.method == "POST" else None
    by_proposal = typed is not None and "proposal" in request.POST
    return {
        "months": MonthsForm(typed if by_proposal else None, on=today),
        "values": key and ValuesForm(None if by_proposal else typed, key=key, value=request.law.value(key), on=today),
    }


def _asked(request, shown: dict, today: date):
    """The scenario kept; None when something typed cannot be counted, said beside it."""
    by_proposal = "proposal" in request.POST
    form = shown["months"] if by_proposal else shown["values"]
    if form is None or not form.is_valid():
        return None
    what = {"proposal_id": _number(request.POST["proposal"])} if by_proposal else {"changes": form.changes}
    if by_proposal and not Proposal.objects.filter(pk=what["proposal_id"] or 0).filter(_counted_keys()).exists():
        form.add_error(None, _("Choisissez une proposition de la liste."))
        return None
    if not by_proposal and form.changes[form.key] == request.law.value(form.key):
        form.add_error(None, _("Changez au moins une valeur : le scénario est la loi d’aujourd’hui."))
        return None
    try:
        return services.ask_scenario(**what, **form.months, on=today, by=request.user)
    except services.ScenarioRefused as refusal:
        form.add_error(None, str(refusal))
        return None


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def _title(scenario) -> str:
    return wording.listed(str(wording.KEYS[key].label) for key in scenario.changes)


@require_safe
@role_required(*budget.READERS)
def scenario_file(request, pk: int):
    """Its first month by region, as CSV; regions of few households are one row."""
    budget.check_read(request.user)
    view = budget.scenario_view(request.user, get_object_or_404(budget.scenarios(), pk=pk))
    header = [
        _("Programme"), _("Région"), _("Avant, inscrits, MAD"), _("Après, inscrits, MAD"), _("Écart, MAD"), _("Ménages qui gagnent"),
        _("Ménages qui perdent"), _("Écart si tous venaient, MAD"),
    ]  # fmt: skip
    rows = []
    for program in sorted({row.program for row in view.places}):
        of = [row for row in view.places if row.program == program]
        rows += budget.merge_small(
            of, least=request.law.value("budget.smallest_count"), size=lambda row: row.smallest, merged=budget.merged_changes
        )
    return csv_of(f"budget-scenario-{pk}", header, [_figures(row) for row in rows])


def _figures(row: budget.ChangeRow) -> list:
    money = [plain(centimes) for centimes in (row.before.centimes, row.after.centimes, row.change)]
    return [program_words(row.program), row.region or _("regroupées"), *money, row.gaining, row.losing, plain(row.could_change)]


@require_safe
@role_required(*budget.READERS)
def scenario(request, pk: int):
    """Both laws side by side; while a worker counts, what is there already."""
    budget.check_read(request.user)
    wanted = get_object_or_404(budget.scenarios(), pk=pk)
    view = budget.scenario_view(request.user, wanted)
    if wanted.counted_at is None:
        messages.info(request, _("Le registre est grand : ces mois se comptent en arrière-plan. Rechargez la page dans quelques minutes."))
    before = law_of(wanted.first)
    after = law_of(wanted.first, wanted.changes, formula_id=wanted.formula_id)
    context = {
        "tabs": tabs(),
        "scenario": wanted,
        "title": _title(wanted),
        "view": view,
        "totals": [(program_words(row.program), row) for row in view.totals],
        "month_totals": [(program_words(row.program), row, view.who[row.program]) for row in view.month_totals],
        "places": [(program_words(row.program), row) for row in view.places],
        "kinds": [(program_words(program), kind_words(kind, band, after), old, new) for program, kind, band, old, new in view.kinds],
        "pairs": [
            (wording.KEYS[key].label, pairs_of(key, before.value(key) if before.has(key) else None, value))
            for key, value in wanted.changes.items()
            if wording.kind_of(key) != "formula"
        ],
        "may_ask": may_propose(request.user),
    }
    return render(request, "enrollment/budget_scenario.html", context)
