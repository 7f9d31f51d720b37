"""RAMED migrations: the files sent, the progress and the equation of each, what was refused and goes back."""

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility.queries import law as law_of
from households.sheets import writing
from households.sheets.reading import Unusable
from rsu.authentication import role_required
from rsu.permissions import Forbidden

from .. import moved, services
from ..models import RamedLot, RamedMigration
from ..permissions import may_migrate
from ..ramed.columns import ramed_columns
from ..ramed.defects import DEFECTS

READERS = ("administrator", "auditor")
FORMS = {"xlsx": ("xlsx", False), "csv": ("csv", False), "columns": ("csv", True)}
PROVISION = "amo_tadamon.migrated_until"


class RamedForm(forms.Form):
    """Which file, and the first day of cover."""

    use_required_attribute = False
    covered_from = forms.DateField(
        label=_("Premier jour de couverture"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Jusqu’au jour fixé par la disposition, la couverture court sans indice."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("Fichier"), help_text=_("CSV en UTF-8 ou classeur XLSX, une ligne par personne, avec les titres du modèle.")
    )


@dataclass(frozen=True)
class Part:
    """One part of the equation's drawing, in thousandths of its width."""

    name: str
    x: float
    width: float


@role_required(*READERS)
@require_http_methods(["GET", "POST"])
def ramed_migrations(request):
    """Migrations so far, and the sending of a file; a file sent again leads to what it made the first time."""
    form = RamedForm(request.POST or None, request.FILES or None, initial={"covered_from": _usual_day()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = services.receive_ramed(
                file=given["file"], name=given["file"].name, covered_from=given["covered_from"], on=timezone.localdate(), by=request.user
            )
        except Unusable as useless:
            form.add_error("file", str(useless))
        except Forbidden as forbidden:
            form.add_error(None, str(forbidden))
        else:
            return redirect("enrollment:ramed_migration", pk=made.pk)
    page = Paginator(moved.migrations(), 25).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "may_send": may_migrate(request.user), "columns": _columns()}
    return render(request, "enrollment/ramed.html", context, status=422 if request.method == "POST" else 200)


def _usual_day() -> date | None:
    """The day the provision in force is about."""
    law = law_of(timezone.localdate())
    return law.cite(PROVISION).since if law.has(PROVISION) else None


def _columns() -> list[dict]:
    language = "ar" if get_language() == "ar" else "fr"
    return [
        {"name": column.name, "heading": column.headings[language], "hint": column.hint.get(language, ""), "needed": column.needed}
        for column in ramed_columns()
    ]


@role_required(*READERS)
@require_safe
def ramed_migration(request, pk: int):
    return render(request, "enrollment/ramed_migration.html", _context(request, pk))


@role_required(*READERS)
@require_safe
def ramed_progress(request, pk: int):
    """The part of the page that lives; without htmx the whole page, where a link asks again."""
    template = "enrollment/ramed_live.html" if request.htmx else "enrollment/ramed_migration.html"
    return render(request, template, _context(request, pk))


def _context(request, pk: int) -> dict:
    migration = get_object_or_404(RamedMigration.objects.select_related("by"), pk=pk)
    counts = moved.ramed_counts(migration)
    kinds = [
        {"kind": kind, "outcome": outcome, "count": count, "sentence": DEFECTS[kind].sentence}
        for kind, outcome, count in moved.ramed_kinds(migration)
    ]
    return {
        "migration": migration,
        "counts": counts,
        "drawing": _drawn(counts),
        "kinds": kinds,
        "progress": moved.ramed_progress(migration, at=timezone.now()),
        "steps": RamedLot.Step.choices,
        "may_send": may_migrate(request.user),
    }


def _drawn(counts: moved.Counts) -> list[Part]:
    """The parts of the equation side by side; one row is still seen among millions."""
    parts, x = [], 0.0
    for name in ("covered", "already", "aside", "queued", "refused"):
        count = getattr(counts, name)
        width = max(1000 * count / counts.rows, 3) if count else 0
        parts.append(Part(name, round(x, 2), round(width, 2)))
        x += width
    return [Part(part.name, round(part.x * 1000 / x, 2), round(part.width * 1000 / x, 2)) for part in parts if part.width] if x else []


@role_required("administrator")
@require_POST
def retry_ramed(request, pk: int):
    migration = get_object_or_404(RamedMigration, pk=pk)
    services.retry_ramed(migration.pk, on=timezone.localdate(), by=request.user)
    messages.info(request, _("Les lots qui restaient attendent de nouveau : ce qui est fait n’est pas refait."))
    return redirect("enrollment:ramed_migration", pk=pk)


@role_required(*READERS)
@require_safe
def ramed_refused(request, pk: int):
    """The refused rows, to mend and send again: a workbook if one was sent and they are few."""
    migration = get_object_or_404(RamedMigration, pk=pk)
    ending = "xlsx" if services.goes_back_as_workbook(migration, request.user) else "csv"
    written = tempfile.NamedTemporaryFile(suffix=f".{ending}")  # noqa: SIM115 - the answer closes it when it has been sent
    try:
        services.write_ramed_refused(
            migration, Path(written.name), workbook=ending == "xlsx", on=timezone.localdate(), by=request.user
        )  # fmt: skip
    except services.NothingToReturn as nothing:
        written.close()
        messages.warning(request, str(nothing))
        return redirect("enrollment:ramed_migration", pk=pk)
    return _download(written, f"ramed-refus-{pk}", ending)


@role_required(*READERS)
@require_safe
def ramed_model(request, form: str):
    """The headings to fill, in the language of the page, and what each column holds."""
    if form not in FORMS:
        raise Http404
    ending, dictionary = FORMS[form]
    written = tempfile.NamedTemporaryFile(suffix=f".{ending}")  # noqa: SIM115
    language = "ar" if get_language() == "ar" else "fr"
    writing.write_template(Path(written.name), ramed_columns(), workbook=ending == "xlsx", dictionary=dictionary, language=language)
    return _download(written, f"ramed-{form}-{language}" if dictionary else f"ramed-{language}", ending)


def _download(written, name: str, ending: str) -> FileResponse:
    """What was written under the file's name; gone from the disk once sent."""
    written.seek(0)
    return FileResponse(written, as_attachment=True, filename=f"{name}.{ending}", content_type=writing.MEDIA_TYPES[ending])
