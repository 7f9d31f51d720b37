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
from rsu.permissions import Forbidden

from .. import entries, permissions, queries, services
from ..models import Import
from ..sheets import feeds, writing
from ..sheets.columns import household_columns

SENDERS = ("caseworker", "supervisor", "administrator")
FORMS = {"xlsx": ("xlsx", False), "csv": ("csv", False), "codes": ("csv", True)}
ROWS = 50


class ImportForm(forms.Form):
    """Which file, of what, and for a partner's whose word it is."""

    use_required_attribute = False
    kind = forms.ChoiceField(label=_("Ce que contient le fichier"), widget=forms.RadioSelect)
    agency = forms.ModelChoiceField(
        Agency.objects.none(), label=_("Organisme partenaire"), required=False, empty_label=_("Choisir…"),
        help_text=_("Pour le fichier d’un partenaire : celui dont viennent les réponses, et dont la convention les prévoit."),
    )  # fmt: skip
    as_of = forms.CharField(
        label=_("Données constatées le"), required=False,
        help_text=_("Pour le fichier d’un partenaire : le jour où c’était vrai, sauf si chaque ligne dit le sien."),
    )  # fmt: skip
    file = forms.FileField(label=_("Fichier"), help_text=_("CSV ou classeur XLSX, avec les titres du modèle sur la première ligne."))

    def __init__(self, *given, user, **more):
        super().__init__(*given, **more)
        kinds = permissions.kinds_offered(user)
        self.fields["kind"].choices = [(kind, Import.Kind(kind).label) for kind in kinds]
        self.fields["kind"].initial = kinds[0]
        self.fields["agency"].queryset = Agency.objects.order_by("code")
        if not set(kinds) & set(feeds.DELIVERED):
            del self.fields["agency"], self.fields["as_of"]
        if len(kinds) == 1:
            self.fields["kind"].widget = forms.HiddenInput()

    def clean(self):
        cleaned = super().clean()
        kind, agency = cleaned.get("kind"), cleaned.get("agency")
        if kind not in feeds.DELIVERED:
            return cleaned | {"agency": None, "as_of": None}
        if agency is None:
            self.add_error("agency", _("Choisissez l’organisme dont viennent ces réponses."))
        elif kind not in agency.feeds:
            self.add_error("agency", _("La convention de cet organisme ne prévoit pas ces livraisons."))
        return cleaned

    def clean_as_of(self):
        text = self.cleaned_data["as_of"]
        if not text.strip():
            return None
        try:
            told = entries.day(text)
        except entries.Unreadable as unreadable:
            raise forms.ValidationError(str(unreadable)) from unreadable
        if told > timezone.localdate():
            raise forms.ValidationError(_("Cette date est dans l’avenir."))
        return told


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
                file=file, name=file.name, kind=given["kind"], agency=given.get("agency"), as_of=given.get("as_of"),
                on=timezone.localdate(), by=request.user,
            )  # fmt: skip
        except services.Unusable as useless:
            form.add_error("file", str(useless))
        except Forbidden as refusal:
            form.add_error("agency", str(refusal))
        else:
            return redirect("households:import", pk=made.pk)
    page = Paginator(queries.imports_of(request.user), 25).get_page(request.GET.get("page"))
    models = [(kind, Import.Kind(kind).label) for kind in permissions.kinds_offered(request.user)]
    context = {"form": form, "page": page, "models": models, "to_copy": writing.TO_COPY}
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
    if kind not in Import.Kind.values or form not in FORMS:
        raise Http404
    columns = feeds.columns_of(kind) if kind in feeds.DELIVERED else household_columns()
    ending, dictionary = FORMS[form]
    written = tempfile.NamedTemporaryFile(suffix=f".{ending}")  # noqa: SIM115
    language = "ar" if get_language() == "ar" else "fr"
    writing.write_template(Path(written.name), columns, workbook=ending == "xlsx", dictionary=dictionary, language=language)
    return _download(written, f"{kind}-{form}-{language}" if dictionary else f"{kind}-{language}", ending)


def _download(written, name: str, ending: str) -> FileResponse:
    """What was written under the file's name, whoever put it there; gone from the disk once sent."""
    written.seek(0)
    return FileResponse(written, as_attachment=True, filename=f"{name}.{ending}", content_type=writing.MEDIA_TYPES[ending])
