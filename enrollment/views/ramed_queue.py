"""The queue of doubtful beneficiaries, and the page where one row is settled."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from households.answers import Relation, Sex
from rsu import audit
from rsu.authentication import role_required
from rsu.permissions import Forbidden

from .. import moved, services
from ..models import Enrollment, RamedRow
from ..ramed.columns import ramed_columns
from ..ramed.defects import CORRECTABLE, DEFECTS, UNIDENTIFIED

SETTLERS = ("supervisor", "administrator")
PAGE = 50


class SettleForm(forms.Form):
    """Who the person is, or that the row covers nobody."""

    use_required_attribute = False
    deed = forms.ChoiceField(choices=[("accept", _("Couvrir cette personne")), ("reject", _("Rejeter la ligne"))], widget=forms.HiddenInput)
    idcs = forms.CharField(label=_("IDCS de la personne"), required=False, max_length=20)
    reason = forms.CharField(
        label=_("Motif"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Demandé pour rejeter : il est renvoyé avec la ligne à qui a fait le fichier."),
    )  # fmt: skip

    def __init__(self, *given, row: RamedRow, **more):
        super().__init__(*given, **more)
        if row.kind not in CORRECTABLE:
            del self.fields["idcs"]
        elif row.kind not in UNIDENTIFIED:
            self.fields["idcs"].help_text = _("À remplir seulement si celui du fichier est d’une autre personne.")


@role_required(*SETTLERS)
@require_safe
def ramed_queue(request):
    """Doubtful rows of the area, by reason."""
    given = request.GET.get("migration", "")
    migration = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
    kind = request.GET.get("kind", "") if request.GET.get("kind") in DEFECTS else ""
    page = Paginator(moved.queue(request.user, kind=kind, migration=migration), PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.sentence = DEFECTS[row.kind].sentence
    kinds = [(name, DEFECTS[name].sentence, count) for name, count in moved.queue_kinds(request.user, migration=migration)]
    return render(
        request, "enrollment/ramed_queue.html", {"page": page, "kinds": kinds, "kind": kind, "migration": migration}
    )  # fmt: skip


@role_required(*SETTLERS)
@require_http_methods(["GET", "POST"])
def ramed_row(request, pk: int):
    """One doubtful row: what it says, what is doubted, the rest of its unit; settled here. Reading it is traced."""
    row = moved.queued_row(request.user, pk)
    if row is None:
        raise Http404
    form = SettleForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid() and _settled(request, row, form):
        return redirect("enrollment:ramed_queue")
    if request.method == "GET":
        audit.record(by=request.user, verb="ramed.row_read", subject=f"ramed:{row.migration_id}", row=row.number)
    language = "ar" if getattr(request, "LANGUAGE_CODE", "fr") == "ar" else "fr"
    said = [
        (column.headings[language], _in_words(column.name, row.cells[column.name]))
        for column in ramed_columns()
        if column.name in row.cells
    ]
    others = moved.unit_of(row)
    for one in others:
        one.sentence = DEFECTS[one.kind].sentence
    context = {
        "row": row,
        "form": form,
        "said": said,
        "doubts": [{**one, "sentence": DEFECTS[one["kind"]].sentence} for one in row.problems],
        "others": others,
        "known": moved.known_member(request.user, row.idcs),
    }
    return render(request, "enrollment/ramed_row.html", context, status=422 if request.method == "POST" else 200)


def _in_words(name: str, value):
    """A cell as people read it: the registry's own codes in words, what the file says otherwise as it stands."""
    words = {"sex": Sex, "relation": Relation, "quality": Enrollment.Quality}.get(name)
    code = "insured" if (name, value) == ("quality", "principal") else value
    return dict(words.choices).get(code, value) if words else value


def _settled(request, row: RamedRow, form: SettleForm) -> bool:
    given, on = form.cleaned_data, timezone.localdate()
    try:
        if given["deed"] == "accept":
            done = services.accept_row(row.pk, idcs=given.get("idcs", ""), reason=given["reason"], on=on, by=request.user)
        else:
            done = services.reject_row(row.pk, reason=given["reason"], on=on, by=request.user)
    except services.RowNotSettled as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    except Forbidden as forbidden:
        form.add_error(None, str(forbidden))
        return False
    messages.info(request, _("Ligne %(number)s : %(how)s.") % {"number": done.number, "how": done.get_settled_display()})
    return True
