"""A list of the area's households as a file: never without a reason, and people's names only for who answers for them."""

import tempfile
from dataclasses import dataclass
from datetime import date
from typing import IO

from django import forms
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import FileResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from psycopg import sql

import households.queries
from rsu import audit
from rsu.authentication import role_required
from rsu.models import Milieu, User
from rsu.permissions import check_role

EXPORTERS = ("caseworker", "supervisor", "administrator", "auditor")
PERSONAL = ("supervisor", "administrator", "auditor")
"""Roles that may ask for the head's name and the telephone."""
SHORTEST_REASON = 10


class ReasonMissing(Exception):
    """An export says why it is made; the message is a sentence for the screen."""


@dataclass(frozen=True)
class Export:
    """A file read from its start, and how many households it lists."""

    file: IO[bytes]
    count: int


# A spreadsheet runs a cell that begins like a formula.
_SAFE = "CASE WHEN {0} ~ '^[-=+@]' THEN '''' || {0} ELSE {0} END"
_COLUMNS = (
    ("h.code", gettext_lazy("Code du ménage")),
    ("c.code", gettext_lazy("Code de la commune")),
    ("{commune}", gettext_lazy("Commune")),
    ("CASE h.milieu WHEN 'urban' THEN {urban} ELSE {rural} END", gettext_lazy("Milieu")),
    ("h.registered_on", gettext_lazy("Enregistré le")),
    ("(SELECT count(*) FROM households_member m WHERE m.household_id = h.id)", gettext_lazy("Nombre de personnes")),
    (
        "CASE WHEN h.due_since IS NOT NULL THEN {due}"
        " WHEN EXISTS (SELECT FROM eligibility_assessment a WHERE a.household_id = h.id) THEN {scored} ELSE {not_scored} END",
        gettext_lazy("Indice"),
    ),
)
_PERSONAL_COLUMNS = (
    (_SAFE.format("head.first_name_fr"), gettext_lazy("Prénom en lettres latines")),
    (_SAFE.format("head.last_name_fr"), gettext_lazy("Nom en lettres latines")),
    (_SAFE.format("head.first_name_ar"), gettext_lazy("Prénom en arabe")),
    (_SAFE.format("head.last_name_ar"), gettext_lazy("Nom en arabe")),
    ("h.phone", gettext_lazy("Téléphone")),
)
"""What each column holds and how it is headed; a heading is under the database's 63 bytes, and no two are one."""


def _columns(personal: bool) -> sql.Composed:
    """The columns in the reader's language; `commune` is the name that stands in it."""
    words = {
        "commune": sql.Identifier("c", "name_ar" if get_language() == "ar" else "name_fr"),
        "urban": sql.Literal(str(Milieu.URBAN.label)),
        "rural": sql.Literal(str(Milieu.RURAL.label)),
        "due": sql.Literal(_("à recalculer")),
        "scored": sql.Literal(_("calculé")),
        "not_scored": sql.Literal(_("pas encore calculé")),
    }
    chosen = _COLUMNS + _PERSONAL_COLUMNS if personal else _COLUMNS
    named = [sql.SQL(held).format(**words) + sql.SQL(" AS ") + sql.Identifier(str(heading)) for held, heading in chosen]
    return sql.SQL(", ").join(named)


@transaction.atomic
def export_households(
    *, reason: str, since: date | None = None, until: date | None = None, personal: bool = False, on: date, by: User
) -> Export:
    """Households of the caller's area registered from `since` to `until`, both included, as CSV in the order of their codes.

    The rows, their count and the trace that keeps the reason come of one transaction; the rows go through a file, not memory.
    """
    check_role(by, *EXPORTERS)
    if personal:
        check_role(by, *PERSONAL)
    reason = " ".join(reason.split())
    if len(reason) < SHORTEST_REASON:
        raise ReasonMissing(_("Dites pourquoi cette liste est extraite : le motif est gardé au journal."))
    chosen = households.queries.households_of(by).select_related(None).order_by()
    if since:
        chosen = chosen.filter(registered_on__gte=since)
    if until:
        chosen = chosen.filter(registered_on__lte=until)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the answer closes it)
    count = _copy(chosen, personal, file)
    audit.record(
        by=by, verb="export_households", reason=reason, count=count, personal=personal, since=str(since or ""), until=str(until or on)
    )
    file.seek(0)
    return Export(file, count)


def _copy(chosen, personal: bool, file: IO[bytes]) -> int:
    """How many rows were written, by the database's own count."""
    within, parameters = chosen.values("pk").query.sql_with_params()
    query = sql.SQL(
        "COPY (SELECT {columns} FROM households_household h JOIN rsu_commune c ON c.id = h.commune_id"
        " LEFT JOIN households_member head ON head.household_id = h.id AND head.relation = 'head'"
        " WHERE h.id IN ({within}) ORDER BY h.code) TO STDOUT WITH (FORMAT csv, HEADER)"
    ).format(columns=_columns(personal), within=sql.SQL(within))
    with connection.cursor() as cursor:
        with cursor.copy(query, parameters) as rows:
            for block in rows:
                file.write(block)
        return cursor.rowcount


class ExportForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Motif"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Pourquoi cette liste est extraite, pour qui et pour combien de temps."),
    )  # fmt: skip
    since = forms.DateField(
        label=gettext_lazy("Enregistrés depuis le"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("Enregistrés jusqu’au"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    personal = forms.BooleanField(label=gettext_lazy("Avec le nom du chef de ménage et le téléphone"), required=False)

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        if by.role not in PERSONAL:
            del self.fields["personal"]

    def clean_until(self):
        """The last day is not before the first."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data["until"]
        if since and until and until < since:
            raise ValidationError(_("Ce jour est avant le premier jour demandé : corrigez l’une des deux dates."))
        return until


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(*EXPORTERS)
def export(request):
    """Why, then the file."""
    form = ExportForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            made = export_households(**form.cleaned_data, on=timezone.localdate(), by=request.user)
        except ReasonMissing as refusal:
            form.add_error("reason", str(refusal))
        else:
            name = f"menages-{timezone.localdate():%Y-%m-%d}.csv"
            return FileResponse(made.file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")
    return render(request, "desk/export.html", {"form": form}, status=422 if request.method == "POST" else 200)
