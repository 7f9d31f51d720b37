"""Notices of rights on paper: one for a family, or all those that no message brings, by commune, in one archive that streams."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date

from django import forms
from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Prefetch, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from eligibility import references
from eligibility.typesetting import render as typeset
from eligibility.views.notices import PAPER_POLICY
from enrollment import notices, permissions, queries
from enrollment.models import RightNotice, Scheme
from households.models import Member
from rsu import audit
from rsu.authentication import role_required
from rsu.models import Commune, User
from rsu.permissions import communes_of
from rsu.templatetags.rsu import head, person_name
from rsu.wording import colon, day

from .bilingual import both, isolated, named
from .notices import paper_words, whereabouts

A_FILE = 200
"""Notices in one PDF of the archive: a few seconds of type each, and a pile that a hand can hold."""
MARKED = 500


def content(rows: list[RightNotice], *, on: date) -> dict:
    """What the papers say, every text in both languages; all that their typesetting reads."""
    return {
        "told": {"kind": "right"},
        "issued": {"day": on.isoformat()},
        "words": both(_words),
        "papers": [_letter(row) for row in rows],
    }


def _words() -> dict:
    words = paper_words()
    return {name: words[name] for name in ("registry", "synthetic", "next", "reference", "digest")} | {
        "title": _("Notification d’un droit"),
        "decided": _("Ce qui est décidé"),
        "why": _("Pourquoi"),
        "verify": _(
            "Vérifier ce papier : scannez le code ou tapez la référence à l’adresse ci-dessous. La page dit s’il vient du registre ; "
            "elle ne montre aucun nom."
        ),
    }


def _letter(row: RightNotice) -> dict:
    def say() -> dict:
        first = head(row.household.members.all())
        return {
            "title": f"{capfirst(row.get_program_display())}{colon()} {row.get_deed_display()}"
            if row.program
            else capfirst(row.get_deed_display()),
            "rows": [
                (_("Ménage"), named(person_name(first)) if first else ""),
                (_("Code du ménage"), isolated(row.household.shown_code)),
                (_("Bureau"), whereabouts(row.household)),
                (_("Date"), day(row.on)),
                (_("Référence"), isolated(references.grouped(row.reference))),
            ],
            "what": notices.what(row),
            "why": notices.why(row),
            "next": notices.next_steps(row),
        }

    reference, digest = references.grouped(row.reference), row.short_digest
    return both(say) | {
        "reference": {"fr": reference, "ar": reference},
        "digest": {"fr": digest, "ar": digest},
        "url": f"{settings.PUBLIC_URL}/verify/{reference}",
        "synthetic": row.household.synthetic,
    }


def _whole(rows: QuerySet[RightNotice]) -> QuerySet[RightNotice]:
    people = Prefetch("household__members", queryset=Member.objects.order_by("position"))
    return rows.select_related("household__commune__province", "household__commune__region").prefetch_related(people)


@require_safe
@role_required(*permissions.PRINTERS)
def right_notice(request, reference: str) -> HttpResponse:
    """One notice on paper; that it was printed is kept."""
    row = get_object_or_404(_whole(queries.right_notices_of(request.user)), reference=references.read(reference))
    today = timezone.localdate()
    pdf = typeset(content([row], on=today))
    with transaction.atomic():
        audit.record(by=request.user, verb="print_right_notice", household=row.household, subject=f"right_notice:{row.pk}")
        RightNotice.objects.filter(pk=row.pk).update(printed_at=timezone.now(), printed_by=request.user)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="notification-{references.grouped(row.reference)}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = PAPER_POLICY
    return answer


class PaperForm(forms.Form):
    program = forms.ChoiceField(label=gettext_lazy("Programme"), choices=[("", gettext_lazy("Tous")), *Scheme.choices], required=False)
    deed = forms.ChoiceField(
        label=gettext_lazy("Décision"), choices=[("", gettext_lazy("Toutes")), *RightNotice.Deed.choices], required=False
    )
    commune = forms.ModelChoiceField(
        Commune.objects.none(), label=gettext_lazy("Commune"), required=False, empty_label=gettext_lazy("Toutes")
    )
    reason = forms.CharField(
        label=gettext_lazy("Motif"), help_text=gettext_lazy("Pourquoi ces papiers sont imprimés : le journal le garde."), max_length=500
    )

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["commune"].queryset = communes_of(user)

    def rows(self, user: User) -> QuerySet[RightNotice]:
        rows, chosen = queries.paper_notices(user), self.cleaned_data
        if chosen["program"]:
            rows = rows.filter(program=chosen["program"])
        if chosen["deed"]:
            rows = rows.filter(deed=chosen["deed"])
        return rows.filter(household__commune=chosen["commune"]) if chosen["commune"] else rows


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*permissions.PRINTERS)
def paper(request):
    """What is to be handed over on paper, by commune; a POST prints it and marks it printed."""
    form = PaperForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        ids = list(form.rows(request.user).order_by("household__commune", "household_id", "id").values_list("pk", flat=True))
        if ids:
            return _archive(ids, reason=form.cleaned_data["reason"], on=timezone.localdate(), by=request.user)
        form.add_error(None, _("Aucune notification ne répond à ces choix."))
    waiting = queries.paper_notices(request.user).order_by().values(commune=F("household__commune")).annotate(n=Count("pk"))
    communes = Commune.objects.in_bulk([row["commune"] for row in waiting])
    context = {
        "form": form,
        "communes": sorted(((communes[row["commune"]], row["n"]) for row in waiting), key=lambda pair: pair[0].name),
        "total": sum(row["n"] for row in waiting),
    }
    return render(request, "desk/paper.html", context, status=422 if request.method == "POST" else 200)


def _archive(ids: list[int], *, reason: str, on: date, by: User) -> StreamingHttpResponse:
    """The trace is written before the first byte; each file is marked printed when it has been set."""
    audit.record(by=by, verb="print_right_notices", reason=" ".join(reason.split()), count=len(ids))
    answer = StreamingHttpResponse(_zipped(ids, on=on, by=by), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="notifications-{on:%Y-%m-%d}.zip"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _zipped(ids: list[int], *, on: date, by: User) -> Iterator[bytes]:
    """A PDF for each commune, several where there are many; memory holds one of them."""
    out = _Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, rows in _files(ids):
            archive.writestr(name, typeset(content(rows, on=on)))
            RightNotice.objects.filter(pk__in=[row.pk for row in rows]).update(printed_at=timezone.now(), printed_by=by)
            yield out.taken()
    yield out.taken()


def _files(ids: list[int]) -> Iterator[tuple[str, list[RightNotice]]]:
    numbers: dict[str, int] = {}
    pile: list[RightNotice] = []
    for start in range(0, len(ids), MARKED):
        found = _whole(RightNotice.objects.filter(pk__in=ids[start : start + MARKED]))
        for row in found.order_by("household__commune", "household_id", "id"):
            if pile and (pile[0].household.commune_id != row.household.commune_id or len(pile) == A_FILE):
                yield _named(pile, numbers), pile
                pile = []
            pile.append(row)
    if pile:
        yield _named(pile, numbers), pile


def _named(pile: list[RightNotice], numbers: dict[str, int]) -> str:
    code = pile[0].household.commune.code
    numbers[code] = numbers.get(code, 0) + 1
    return f"{code}/{numbers[code]:03d}.pdf"


class _Pipe(io.RawIOBase):
    """What the archive writes, taken away as it comes."""

    def __init__(self):
        self.held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, block) -> int:
        self.held += block
        return len(block)

    def taken(self) -> bytes:
        held, self.held = bytes(self.held), bytearray()
        return held
