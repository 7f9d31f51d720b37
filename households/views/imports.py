"""Files of rows: the model to fill, the sending, the progress of each, what was refused and goes back."""

import tempfile
from pathlib import Path

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rsu.authentication import role_required
from rsu.models import Agency

from .. import permissions, queries, services
from ..models import Import
from ..sheets import writing
from ..sheets.columns import household_columns
from ..sheets.cover import cover_columns

SENDERS = ("caseworker", "supervisor", "administrator")
MODELS = {"households": household_columns, "cover": cover_columns}
FORMS = {"xlsx": ("xlsx", False), "csv": ("csv", False), "codes": ("csv", True)}
ROWS = 50


class ImportForm(forms.Form):
    """Which file, of what, and for a partner's whose word it is."""

    use_required_attribute = False
    kind = forms.ChoiceField(label=_("Ce que contient le fichier"), widget=forms.RadioSelect)
    agency = forms.ModelChoiceField(
        Agency.objects.none(), label=_("Organisme partenaire"), required=False, empty_label=_("Choisir…"),
        help_text=_("Pour un fichier de couvertures : celui dont viennent les réponses."),
    )  # fmt: skip
    file = forms.FileField(label=_("Fichier"), help_text=_("CSV ou classeur XLSX, avec les titres du modèle sur la première ligne."))

    def __init__(self, *given, user, **more):
        super().__init__(*given, **more)
        kinds = permissions.kinds_offered(user)
        self.fields["kind"].choices = [(kind, Import.Kind(kind).label) for kind in kinds]
        self.fields["kind"].initial = kinds[0]
        self.fields["agency"].queryset = Agency.objects.order_by("code")
        if Import.Kind.COVER not in kinds:
            del self.fields["agency"]
        if len(kinds) == 1:
            self.fields["kind"].widget = forms.HiddenInput()

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("kind") == Import.Kind.COVER and not cleaned.get("agency"):
            self.add_error("agency", _("Choisissez l’organisme dont viennent ces réponses."))
        return cleaned


@role_required(*SENDERS)
@require_http_methods(["GET", "POST"])
def imports(request):
    """The files sent so far; a file sent again leads to what it made the first time."""
    form = ImportForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        file = given["file"]
        try:
            made = services.receive_import(
                file=file, name=file.name, kind=given["kind"], agency=given.get("agency"), on=timezone.localdate(), by=request.user
            )
        except services.Unusable as useless:
            form.add_error("file", str(useless))
        else:
            return redirect("households:import", pk=made.pk)
    page = Paginator(queries.imports_of(request.user), 25).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "kinds": permissions.kinds_offered(request.user), "to_copy": writing.TO_COPY}
    return render(request, "households/imports.html", context, status=422 if request.method == "POST" else 200)


def _seen(request, pk: int) -> Import:
    return get_object_or_404(queries.imports_of(request.user), pk=pk)


@role_required(*SENDERS)
@require_GET
def importing(request, pk: int):
    return render(request, "households/import.html", _context(request, _seen(request, pk)))


@role_required(*SENDERS)
@require_GET
def import_progress(request, pk: int):
    """The part of the page that lives; without htmx the whole page, where a link asks again."""
    template = "households/import_live.html" if request.htmx else "households/import.html"
    return render(request, template, _context(request, _seen(request, pk)))


def _context(request, wanted: Import) -> dict:
    refused = queries.refused_rows(wanted).exclude(problems=[])
    page = Paginator(refused, ROWS).get_page(request.GET.get("page"))
    language = "ar" if get_language() == "ar" else "fr"
    questions = services.questions_of(wanted.kind)
    for told in (problem for row in page.object_list for problem in row.problems):
        told["question"] = questions.get(told.get("column"), {}).get(language, "")
    return {
        "importing": wanted,
        "counted": wanted.applied + wanted.already + wanted.refused + wanted.contradicted + wanted.unknown,
        "page": page,
        "to_copy": writing.TO_COPY,
        "mine": wanted.by_id == request.user.pk,
    }


@role_required(*SENDERS)
@require_POST
def retry_import(request, pk: int):
    services.retry_import(_seen(request, pk).pk, on=timezone.localdate(), by=request.user)
    messages.info(request, _("Les lots qui restaient attendent de nouveau : ce qui est fait n’est pas refait."))
    return redirect("households:import", pk=pk)


@role_required(*SENDERS)
@require_GET
def refused_file(request, pk: int):
    """The refused rows, in the format they were sent in, to mend and send again."""
    wanted = _seen(request, pk)
    ending = "xlsx" if wanted.is_workbook else "csv"
    written = tempfile.NamedTemporaryFile(suffix=f".{ending}")  # noqa: SIM115 - the answer closes it when it has been sent
    try:
        services.write_refused_file(wanted, Path(written.name), on=timezone.localdate(), by=request.user)
    except services.NothingToReturn as nothing:
        written.close()
        messages.warning(request, str(nothing))
        return redirect("households:import", pk=pk)
    return _download(written, f"refus-{wanted.pk}", ending)


@role_required(*SENDERS)
@require_GET
def import_model(request, kind: str, form: str):
    """The headings to fill with their codes, made from the questions put on screen, in the language of the page."""
    if kind not in MODELS or form not in FORMS:
        raise Http404
    ending, dictionary = FORMS[form]
    written = tempfile.NamedTemporaryFile(suffix=f".{ending}")  # noqa: SIM115
    language = "ar" if get_language() == "ar" else "fr"
    writing.write_template(Path(written.name), MODELS[kind](), workbook=ending == "xlsx", dictionary=dictionary, language=language)
    return _download(written, f"{kind}-{form}-{language}" if dictionary else f"{kind}-{language}", ending)


def _download(written, name: str, ending: str) -> FileResponse:
    """What was written under the file's name, whoever put it there; gone from the disk once sent."""
    written.seek(0)
    return FileResponse(written, as_attachment=True, filename=f"{name}.{ending}", content_type=writing.MEDIA_TYPES[ending])
