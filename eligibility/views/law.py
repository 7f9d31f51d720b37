"""The law of a day, as everyone who reads it sees it."""

from dataclasses import dataclass

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from eligibility.law.files import entries
from rsu import numerals
from rsu.authentication import role_required
from rsu.models import Milieu, Region

from .. import permissions, queries, services, wording
from ..forms import DayForm
from ..models import Program, Proposal
from ..score import Formula, Variable, threshold_points


@dataclass(frozen=True)
class Told:
    """A key of the law as the page tells it: its words, what is in force, what comes."""

    key: str
    label: str
    now: object
    lines: list[wording.Line]
    confidence: str
    coming: list[tuple[object, list[wording.Line]]]


@dataclass(frozen=True)
class FormulaTable:
    """The formula of one milieu; `coefficients` pairs each variable with its figure as it is written here."""

    label: str
    constant: str
    coefficients: list[tuple[Variable, str]]


@role_required(*permissions.READERS)
@require_GET
def policy(request):
    """Every provision in force on a day, `on` or today, by program, and what comes next."""
    form = DayForm(request.GET)
    day = (form.is_valid() and form.cleaned_data["on"]) or timezone.localdate()
    dated = queries.provisions_on(day)
    formula = dated["score.formula"].now if "score.formula" in dated else None
    context = {
        "form": form if form.data.get("on") else DayForm(initial={"on": day}),
        "on": day,
        "groups": _groups(dated),
        "off": [(wording.KEYS[entry["key"]].label, entry["note"]) for entry in entries() if entry.get("off") and entry["key"] not in dated],
        "formula": formula,
        "formula_tables": formula and _formula_tables(formula.value),
        "formula_regions": formula and _formula_regions(formula.value),
        "proposals_open": _listed(queries.proposals().filter(status=Proposal.Status.OPEN)),
        "proposals_decided": _listed(queries.proposals().exclude(status=Proposal.Status.OPEN)[:20]),
        "may_propose": permissions.may_propose(request.user),
    }
    return render(request, "eligibility/policy.html", context)


def _listed(proposals) -> list[tuple[Proposal, Program, int]]:
    return [(row, services.THRESHOLDS[row.key], threshold_points(row.value)) for row in proposals]


def _groups(dated: dict[str, queries.Dated]) -> list[tuple[str, str, list[Told]]]:
    """(name, words, keys), in the order the law is read; within a group as the code declares the keys."""
    told = [_told(key, dated[key]) for key in wording.KEYS if key in dated]
    grouped = [(name, label, [entry for entry in told if wording.group_of(entry.key) == name]) for name, label in wording.GROUPS]
    return [group for group in grouped if group[2]]


def _told(key: str, dated: queries.Dated) -> Told:
    now = dated.now
    return Told(
        key=key,
        label=wording.KEYS[key].label,
        now=now,
        lines=wording.lines(key, now.value) if now else [],
        confidence=wording.CONFIDENCES[now.confidence] if now else "",
        coming=[(row, wording.lines(key, row.value) if row.value is not None else []) for row in dated.coming],
    )


def _formula_tables(value: dict) -> list[FormulaTable]:
    formula = Formula.from_value(value)
    return [
        FormulaTable(
            label=milieu.label,
            constant=numerals.coefficient(formula.constants[milieu].text),
            coefficients=[(variable, numerals.coefficient(variable.text)) for variable in formula.variables[milieu]],
        )
        for milieu in Milieu
    ]


def _formula_regions(value: dict) -> list[tuple[Region, list[str]]]:
    regions = Formula.from_value(value).regions
    return [
        (region, [numerals.coefficient(regions[milieu][region.pk].text) for milieu in Milieu]) for region in Region.objects.order_by("id")
    ]
