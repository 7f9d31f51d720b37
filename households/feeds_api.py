"""What partners deliver through the API: rows of one kind in a batch, taken in like a file, and what became of them.

The answer is the same for a person the registry knows and for one it does not: only what is wrong in the row itself is told.
"""

import csv
import io
import uuid
from collections.abc import Sequence
from datetime import date

from django.db.models import Sum
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.response import Response

from rsu.api_permissions import FEEDS, PartnerView
from rsu.permissions import Forbidden
from rsu.problems import Unprocessable

from . import queries, services
from .entries import typed
from .models import Import
from .sheets import feeds

MOST_ROWS = 2_000
"""Rows of a batch; a body has its own limit in bytes."""
MOST_REFUSALS = 1_000
LONGEST = 1_000


class RowsField(serializers.ListField):
    child = serializers.JSONField()


class DescribedRows(OpenApiSerializerFieldExtension):
    """A row in the OpenAPI description: every column of every kind, in the words of the files."""

    target_class = RowsField

    def map_serializer_field(self, auto_schema, direction):
        language = "ar" if get_language() == "ar" else "fr"
        properties: dict[str, dict] = {}
        for kind in feeds.DELIVERED:
            for column in feeds.columns_of(kind):
                words = " · ".join(filter(None, (column.headings[language], column.hint.get(language, ""))))
                properties.setdefault(column.name, {"type": ["string", "boolean", "number", "null"], "description": words})
        items = {"type": "object", "properties": properties}
        return {"type": "array", "minItems": 1, "maxItems": MOST_ROWS, "items": items}


class BatchSerializer(serializers.Serializer):
    as_of = serializers.DateField(help_text=gettext_lazy("le jour où ces données étaient vraies"))
    rows = RowsField(
        min_length=1, max_length=MOST_ROWS, help_text=gettext_lazy("une période ou un événement par ligne, par nom de colonne")
    )


class RefusalSerializer(serializers.Serializer):
    row = serializers.IntegerField(help_text=gettext_lazy("sa place dans la livraison, à partir de 1"))
    column = serializers.CharField(allow_blank=True)
    value = serializers.CharField(allow_blank=True)
    sentence = serializers.CharField()


class DeliverySerializer(serializers.Serializer):
    number = serializers.IntegerField(help_text=gettext_lazy("parmi les livraisons de ce type de votre organisme"))
    kind = serializers.ChoiceField([(kind.value, kind.label) for kind in feeds.DELIVERED])
    as_of = serializers.DateField(allow_null=True)
    state = serializers.ChoiceField(Import.Status.choices)
    rows = serializers.IntegerField(allow_null=True, help_text=gettext_lazy("lignes lues ; null tant que la livraison n’est pas lue"))
    taken = serializers.IntegerField(help_text=gettext_lazy("lignes prises, que la personne soit connue du registre ou non"))
    refused = serializers.IntegerField()
    refusals = RefusalSerializer(many=True)


ABOUT = gettext_lazy(
    "Les lignes sont gardées et traitées ensuite : 202, puis 200 si la même livraison revient, avec la même marque Idempotency-Key ou les "
    "mêmes lignes. Une personne connue et une personne inconnue du registre reçoivent la même réponse. Une livraison plus ancienne "
    "n’efface jamais ce que dit une plus récente. Colonnes de chaque type, * pour celles qui sont obligatoires :"
)
_DONE = {
    "number": 7, "kind": "schooling", "as_of": "2026-11-20", "state": "closed", "rows": 2, "taken": 1, "refused": 1,
    "refusals": [{"row": 2, "column": "since", "value": "31/02/2026", "sentence": "Ce jour n’existe pas dans le calendrier."}],
}  # fmt: skip
_SENT = {
    "as_of": "2026-11-20",
    "rows": [
        {"idcs": "2000000023", "school_year": "2026-2027", "schooling": "primary", "school_sector": "public", "since": "2026-09-07"},
    ],
}
KIND = OpenApiParameter("kind", {"type": "string", "enum": [str(kind) for kind in feeds.DELIVERED]}, "path")
EXAMPLES = [
    OpenApiExample("schooling", value=_SENT, request_only=True),
    OpenApiExample("delivery", value=_DONE, response_only=True, status_codes=["200", "202"]),
]


def _about() -> str:
    lines = []
    for kind in feeds.DELIVERED:
        asked = feeds.asked_of(kind, dated=True)
        names = ", ".join(column.name + ("*" if column.name in asked else "") for column in feeds.columns_of(kind))
        lines.append(f"\n- `{kind}` : {names}")
    return str(ABOUT) + "".join(lines)


class FeedView(PartnerView):
    required_scopes = [FEEDS]

    def check_kind(self, kind: str) -> None:
        """Raise 404 for what is no kind, 403 for one the agreement does not hold."""
        if kind not in feeds.DELIVERED:
            raise NotFound(_("Ce type de livraison n’existe pas."), "unknown_feed")
        if kind not in self.agency.feeds:
            raise PermissionDenied(_("La convention de votre organisme ne prévoit pas ces livraisons."), "feed_not_agreed")
        self.noted |= {"kind": kind}


class DeliveriesView(FeedView):
    verb = "api.feed"
    problem_statuses = ("404", "413", "422")

    @extend_schema(
        operation_id="deliver",
        summary=gettext_lazy("Livrer des données qui vérifient des réponses"),
        description=lazy(_about, str)(),
        parameters=[KIND, OpenApiParameter("Idempotency-Key", str, "header", description=gettext_lazy("un UUID de préférence"))],
        request={"application/json": BatchSerializer},
        responses={202: DeliverySerializer, 200: DeliverySerializer},
        examples=EXAMPLES,
        tags=["feeds"],
    )
    def post(self, request, kind: str):
        self.check_kind(kind)
        given = BatchSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        as_of, today = given.validated_data["as_of"], timezone.localdate()
        if as_of > today:
            raise ValidationError({"as_of": [_("Cette date est dans l’avenir.")]})
        file = io.BytesIO(_as_file(kind, given.validated_data["rows"]))
        token = _token(request.headers.get("Idempotency-Key", ""), client=self.agency.code, kind=kind)
        made, new = self._received(file, kind, as_of, token, today)
        self.noted |= {"delivery": made.pk}
        return Response(_shown(made), status=202 if new else 200)

    def _received(self, file: io.BytesIO, kind: str, as_of: date, token: uuid.UUID | None, today: date) -> tuple[Import, bool]:
        before = Import.objects.filter(agency=self.agency, kind=kind).order_by("-id").values_list("id", flat=True).first() or 0
        try:
            made = services.receive_import(
                file=file, name=f"API {self.agency.code} {as_of}", kind=kind, agency=self.agency, as_of=as_of, token=token,
                on=today, by=self.agency.user,
            )  # fmt: skip
        except services.TokenReused as reused:
            raise Unprocessable(str(reused), "token_reused") from reused
        except services.Unusable as useless:
            raise Unprocessable(str(useless), "delivery_refused") from useless
        except Forbidden as refusal:
            raise PermissionDenied(str(refusal), "feed_not_agreed") from refusal
        return made, made.pk > before


class DeliveryView(FeedView):
    verb = "api.feed_read"
    problem_statuses = ("404",)

    @extend_schema(
        operation_id="read_delivery",
        summary=gettext_lazy("Ce qu’est devenue une livraison"),
        description=gettext_lazy("Vos propres livraisons ; les lignes refusées portent leur motif, mille au plus."),
        parameters=[KIND, OpenApiParameter("number", {"type": "integer", "minimum": 1, "maximum": 2147483647}, "path")],
        responses=DeliverySerializer,
        examples=EXAMPLES[1:],
        tags=["feeds"],
    )
    def get(self, request, kind: str, number: int):
        self.check_kind(kind)
        if number > 2**31 - 1:
            raise NotFound
        own = Import.objects.filter(agency=self.agency, by=self.agency.user, kind=kind)
        return Response(_shown(get_object_or_404(own, number=number)))


def _as_file(kind: str, rows: Sequence) -> bytes:
    """The batch as the CSV that a person would have sent. Raises 422 with each row that is none."""
    names = [column.name for column in feeds.columns_of(kind)]
    problems, lines = [], []
    for place, row in enumerate(rows, start=1):
        cells = _cells(row)
        if not isinstance(row, dict) or not any(cells.values()):
            problems.append({"path": f"rows.{place}", "sentence": _("Une ligne est un objet JSON : un nom de colonne, une valeur.")})
            continue
        for name in cells.keys() - set(names):
            problems.append({"path": f"rows.{place}.{name[:60]}", "sentence": _("Cette colonne n’existe pas dans ce type de livraison.")})
        lines.append([cells.get(name, "") for name in names])
    if problems:
        raise Unprocessable(_("La livraison n’a pas la forme attendue : voyez errors."), "delivery_refused", problems=problems)
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([names, *lines])
    return text.getvalue().encode("utf-8-sig", "replace")


def _cells(row) -> dict[str, str]:
    """Column -> text, an object or a list inside being written as it is; one line, no cell that reads as the start of a formula."""
    if not isinstance(row, dict):
        return {}
    return {str(name): " ".join(typed(value).replace("\x00", "").split())[:LONGEST] for name, value in row.items()}


def _token(key: str, *, client: str, kind: str) -> uuid.UUID | None:
    key = key.strip().strip('"')
    if not key:
        return None
    return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:rsu:feed:{client}:{kind}:{key}")


def _shown(delivery: Import) -> dict:
    refused = delivery.chunks.aggregate(n=Sum("refused", default=0), done=Sum("size", default=0))
    done = delivery.chunks.filter(status="done").aggregate(n=Sum("size", default=0))["n"]
    return {
        "number": delivery.number, "kind": delivery.kind, "as_of": delivery.as_of, "state": delivery.status, "rows": delivery.rows,
        "taken": done - refused["n"], "refused": refused["n"], "refusals": _refusals(delivery),
    }  # fmt: skip


def _refusals(delivery: Import) -> list[dict]:
    """Of the rows that are wrong in themselves; of people, nothing."""
    language = "ar" if get_language() == "ar" else "fr"
    rows = queries.refused_rows(delivery).exclude(cells={})[:MOST_REFUSALS]
    return [
        {"row": row.number - 1, "column": told["column"], "value": told["value"], "sentence": told[language]}
        for row in rows
        for told in row.problems
    ]
