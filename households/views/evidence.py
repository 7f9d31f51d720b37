"""The files a family brings: added to a draft, read by whoever may see the request, taken out until it is sent."""

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from rsu.authentication import PEOPLE, role_required

from .. import files, pages, services
from ..models import Evidence, Request
from .drafting import on_draft, opened, present


class EvidenceForm(forms.Form):
    """What a file proves, and the file; its bytes are judged by the service."""

    use_required_attribute = False
    proves = forms.ChoiceField(
        label=gettext_lazy("Que prouve cette pièce ?"),
        choices=[("", gettext_lazy("Choisir…")), *Evidence.Proves.choices],
        error_messages={"required": gettext_lazy("Dites ce que cette pièce prouve.")},
    )
    file = forms.FileField(
        label=gettext_lazy("Fichier"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
        error_messages={
            "required": gettext_lazy("Choisissez le fichier : une photo ou un document."),
            "empty": gettext_lazy("Ce fichier est vide : choisissez-en un autre."),
        },
    )
    note = forms.CharField(
        label=gettext_lazy("Précision"), required=False, max_length=80, help_text=gettext_lazy("Par exemple la personne ou le mois.")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        most = settings.FILES_MOST_BYTES // 1_000_000
        words = gettext("Une photo ou un document numérisé, %(most)s Mo au plus. Le nom du fichier n’est pas gardé.")
        self.fields["file"].help_text = format_html("{} <bdi dir='ltr'>(JPEG, PNG, PDF)</bdi>", words % {"most": most})


@on_draft
@require_http_methods(["GET", "POST"])
def evidence(request, kept: Request):
    """What was brought so far, and one more."""
    form = EvidenceForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            answers = form.cleaned_data
            try:
                services.add_evidence(
                    token=kept.token, content=answers["file"].read(), proves=answers["proves"], note=answers["note"],
                    at=timezone.now(), on=timezone.localdate(), by=request.user,
                )  # fmt: skip
            except services.EvidenceRefused as refusal:
                form.add_error(refusal.field, refusal.sentence)
            else:
                return redirect("households:evidence", token=kept.token)
    work = opened(request, kept)
    context = pages.frame(work.answers, work.found, kept, "evidence") | {
        "form": form,
        "evidence": list(kept.evidence.select_related("added_by").order_by("id")),
        "present": present(request, kept),
        "by": request.user,
    }
    return render(request, "households/evidence.html", context, status=status)


@on_draft
@require_http_methods(["GET", "POST"])
def remove_evidence(request, kept: Request, piece):
    if request.method == "POST":
        services.remove_evidence(token=kept.token, evidence=piece, on=timezone.localdate(), by=request.user)
    return redirect("households:evidence", token=kept.token)


@role_required(*PEOPLE)
@require_safe
def read_evidence(request, piece):
    """The bytes as they were given, to save and open apart: never shown inside these pages, whatever they hold."""
    try:
        found, content = services.read_evidence(evidence=piece, on=timezone.localdate(), by=request.user)
    except Evidence.DoesNotExist:
        raise Http404 from None
    except files.Altered:
        return render(request, "households/altered.html", status=409)
    answer = HttpResponse(content, content_type=files.MEDIA_TYPES[found.format])
    answer["Content-Disposition"] = f'attachment; filename="piece-{found.token.hex[:8]}.{found.format}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer
