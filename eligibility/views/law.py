"""The law of a day, of two days side by side, and the whole history of a key, as everyone who reads it sees them."""

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from eligibility.law.files import entries
from rsu import numerals
from rsu.authentication import role_required
from rsu.models import Milieu, Region

from .. import changes, formulas, permissions, queries, wording
from ..forms import ComparisonForm, DayForm
from ..law import FORMULA
from ..models import Proposal, Provision
from ..score import Formula, Variable


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


@dataclass(frozen=True)
class Episode:
    """A provision in the history of its key: its value in words, and the later one that took its place on the same day."""

    row: Provision
    lines: list[wording.Line]
    confidence: str
    superseded_by: Provision | None
    standing: bool


@role_required(*permissions.READERS)
@require_GET
def policy(request):
    """Every provision in force on a day, `on` or today, by program, and what comes next."""
    form, day = _asked_day(request)
    dated = queries.provisions_on(day)
    off = [entry for entry in entries() if entry.get("off") and entry["key"] not in dated]
    context = {
        "form": form,
        "comparison": ComparisonForm(initial={"since": day, "on": timezone.localdate()}),
        "on": day,
        "groups": _groups(dated),
        "off": [(entry["key"], wording.KEYS[entry["key"]].label, entry["note"]) for entry in off],
        "proposals_open": _listed(queries.proposals().filter(status=Proposal.Status.OPEN)),
        "proposals_decided": _listed(queries.proposals().exclude(status=Proposal.Status.OPEN)[:20]),
        "may_propose": permissions.may_propose(request.user),
        "reads_samples": permissions.may_read_samples(request.user),
    }
    return render(request, "eligibility/policy.html", context)


@role_required(*permissions.READERS)
@require_GET
def formula(request):
    """The coefficients in force on a day, `on` or today."""
    form, day = _asked_day(request)
    law = queries.law(day)
    cited = law.cite(FORMULA) if law.has(FORMULA) else None
    context = {"form": form, "on": day, "formula": cited, "may_propose": permissions.may_propose(request.user)}
    if cited:
        context |= {"formula_tables": _formula_tables(cited.value), "formula_regions": _formula_regions(cited.value)}
    return render(request, "eligibility/formula.html", context)


@role_required(*permissions.READERS)
@require_GET
def formula_file(request):
    """The formula of a day as a file to start a new one from."""
    _form, day = _asked_day(request)
    law = queries.law(day)
    if not law.has(FORMULA):
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="formula-{day.isoformat()}.toml"'}
    return HttpResponse(formulas.to_toml(law.value(FORMULA)), content_type="application/toml; charset=utf-8", headers=headers)


@role_required(*permissions.READERS)
@require_GET
def compare(request):
    """What differs between the law of two days, the earlier first whichever was typed first."""
    form = ComparisonForm(request.GET)
    typed = form.cleaned_data if form.is_valid() else {}
    today = timezone.localdate()
    first, second = sorted((typed.get("since") or today, typed.get("on") or today))
    shown = form if form.errors else ComparisonForm(initial={"since": first, "on": second})
    groups = changes.between(first, second)
    return render(request, "eligibility/changes.html", {"form": shown, "first": first, "second": second, "groups": groups})


@role_required(*permissions.READERS)
@require_GET
def history(request, key: str):
    """Every provision ever recorded for a key, latest first, those that never counted included."""
    if key not in wording.KEYS:
        raise Http404
    context = {
        "key": key,
        "label": wording.KEYS[key].label,
        "episodes": _episodes(key),
        "never_law": _listed(queries.proposals().filter(key=key).exclude(status=Proposal.Status.APPROVED)),
        "may_propose": permissions.may_propose(request.user),
    }
    return render(request, "eligibility/history.html", context)


def _asked_day(request):
    """The form to show and the day it asks for; today when none can be read."""
    form = DayForm(request.GET)
    day = (form.is_valid() and form.cleaned_data["on"]) or timezone.localdate()
    return (form if form.data.get("on") else DayForm(initial={"on": day})), day


def _listed(proposals) -> list[tuple[Proposal, str, str]]:
    return [(row, wording.KEYS[row.key].label, wording.summary(row.key, row.value)) for row in proposals]


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


def _episodes(key: str) -> list[Episode]:
    today, episodes = timezone.localdate(), []
    last_of_day: dict[object, Provision] = {}
    standing = None
    for row in queries.provisions().filter(key=key):
        last = last_of_day.setdefault(row.since, row)
        standing = standing or (row if row.since <= today else None)
        lines = wording.lines(key, row.value) if row.value is not None else []
        superseded = None if last is row else last
        episodes.append(Episode(row, lines, wording.CONFIDENCES[row.confidence], superseded, standing is row and row.value is not None))
    return episodes


def _formula_tables(value: dict) -> list[FormulaTable]:
    read = Formula.from_value(value)
    return [
        FormulaTable(
            label=milieu.label,
            constant=numerals.coefficient(read.constants[milieu].text),
            coefficients=[(variable, numerals.coefficient(variable.text)) for variable in read.variables[milieu]],
        )
        for milieu in Milieu
    ]


def _formula_regions(value: dict) -> list[tuple[Region, list[str]]]:
    regions = Formula.from_value(value).regions
    return [
        (region, [numerals.coefficient(regions[milieu][region.pk].text) for milieu in Milieu]) for region in Region.objects.order_by("id")
    ]
