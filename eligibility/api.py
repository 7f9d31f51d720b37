"""The law and a household's rights as partners read them: every right states its day, its provision and the source."""

from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from households.models import Household
from rsu.api_permissions import PartnerView
from rsu.models import Agency

from . import losses, queries
from .models import Determination, Program
from .programs import Standing, programs_in_force
from .score import format_points, threshold_points

POINTS = r"^-?[0-9]+\.[0-9]{7}$"


class CitationSerializer(serializers.Serializer):
    key = serializers.CharField()
    since = serializers.DateField()
    source = serializers.CharField(help_text=_("le texte ; « source non confirmée » quand il n’est pas connu"))
    gazette = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    confidence = serializers.ChoiceField(
        ["H", "M", "L"], help_text=_("H : texte ou deux sources ; M : une source ; L : lecture du registre")
    )


class ProvisionSerializer(CitationSerializer):
    value = serializers.JSONField(help_text=_("montants en centimes, sauf mention dans la clé"))
    note = serializers.CharField(allow_blank=True)


class RightSerializer(serializers.Serializer):
    program = serializers.ChoiceField(Program.choices)
    label = serializers.CharField()
    on = serializers.DateField()
    entitled = serializers.BooleanField(allow_null=True, help_text=_("null : rien n’était déterminé ce jour-là"))
    since = serializers.DateField(allow_null=True, help_text=_("premier jour de cette réponse"))
    kept_since = serializers.DateField(
        allow_null=True, help_text=_("l’indice a passé le seuil ce jour-là et le droit est maintenu, le temps de vérifier les réponses")
    )
    runs_until = serializers.DateField(
        allow_null=True, help_text=_("un droit perdu qui court encore, le temps du maintien : premier jour sans droit")
    )
    threshold = serializers.RegexField(POINTS, help_text=_("le ménage a droit si son indice ne le dépasse pas"))
    provision = CitationSerializer()


class TermSerializer(serializers.Serializer):
    code = serializers.CharField()
    fact = serializers.CharField(allow_blank=True)
    value = serializers.IntegerField()
    coefficient = serializers.CharField()
    points = serializers.RegexField(POINTS, help_text=_("la somme des termes est l’indice, au dernier chiffre"))
    fr = serializers.CharField()
    ar = serializers.CharField()


class AttributesSerializer(serializers.Serializer):
    """Each is absent unless the agreement holds it, and told for today only."""

    score = serializers.RegexField(POINTS, required=False, allow_null=True)
    formula = CitationSerializer(required=False)
    facts = serializers.DictField(
        child=serializers.JSONField(),
        required=False,
        help_text=_("ce que l’indice lit du ménage ; butane, water_power et telecom sont en centimes par an, pour tout le ménage"),
    )
    missing = serializers.ListField(child=serializers.CharField(), required=False, help_text=_("ce que les réponses ne donnent pas"))
    terms = TermSerializer(many=True, required=False)
    size = serializers.IntegerField(required=False, allow_null=True)


def cited(provision) -> dict:
    names = ("key", "since", "source", "gazette", "url", "confidence")
    return {name: getattr(provision, name) for name in names}


def rights(household: Household, *, agency: Agency, on: date, standing: Standing | None) -> list[dict]:
    """The household's answer in each program of the agreement that has a line that day.

    What was decided: the chain of determinations. While the run of a new line has not reached the household, the decision of
    before stands, and is what an agency is told; today's `standing` adds why a right runs above its line.
    """
    law = queries.law(on)
    programs = [program for program in programs_in_force(law) if program.value in agency.programs]
    chain = Determination.objects.filter(household=household, program__in=programs, since__lte=on, until__gt=on)
    found = {period.program: Answer(period.entitled, period.since, until=losses.grace_on(period, on)) for period in chain}
    for program, since in losses.waiting_on(household, on).items():
        if program in found and found[program].entitled:
            found[program] = replace(found[program], kept=since)
    for program in standing.programs if standing else ():
        before = found.get(program.program.value)
        if before is None:
            found[program.program.value] = Answer(program.entitled, on, program.kept_since, program.runs_until)
        elif program.kept_since != before.kept:
            found[program.program.value] = replace(before, kept=program.kept_since)
    return [_right(program, found.get(program.value, Answer()), law=law, on=on) for program in programs]


@dataclass(frozen=True)
class Answer:
    """A program's answer on a day, and what softens a loss: `kept` since a day, or running on `until` another."""

    entitled: bool | None = None
    since: date | None = None
    kept: date | None = None
    until: date | None = None


def _right(program: Program, answer: Answer, *, law, on: date) -> dict:
    threshold = law.cite(program.threshold_key)
    return {
        "program": program.value,
        "label": str(program.label),
        "on": on,
        "entitled": answer.entitled,
        "since": answer.since,
        "kept_since": answer.kept,
        "runs_until": answer.until,
        "threshold": format_points(threshold_points(threshold.value)),
        "provision": cited(threshold),
    }


def attributes(standing: Standing, *, agency: Agency) -> dict:
    """What the agreement lets out beside the rights themselves."""
    held, shown = set(agency.attributes), {}
    if "score" in held:
        shown |= {"score": None if standing.score is None else format_points(standing.score), "formula": cited(standing.formula)}
    if "terms" in held:
        shown |= {"facts": standing.facts, "missing": standing.missing, "terms": [_term(term) for term in standing.terms]}
    if "size" in held:
        shown |= {"size": standing.facts.get("size")}
    return shown


def _term(term) -> dict:
    names = ("code", "fact", "value", "coefficient", "fr", "ar")
    return {name: getattr(term, name) for name in names} | {"points": format_points(term.points)}


class ProvisionsQuery(serializers.Serializer):
    on = serializers.DateField(required=False, help_text=_("aujourd’hui si absent ; un jour à venir montre ce qui est déjà signé"))
    key = serializers.CharField(required=False, max_length=60, help_text=_("une clé, ou le début d’une clé"))


class ProvisionsSerializer(serializers.Serializer):
    on = serializers.DateField()
    provisions = ProvisionSerializer(many=True)


class ProvisionsView(PartnerView):
    verb = "api.provisions"

    @extend_schema(
        operation_id="provisions",
        summary=_("Le droit en vigueur un jour donné, avec ses sources"),
        parameters=[ProvisionsQuery],
        responses=ProvisionsSerializer,
        tags=["law"],
        examples=[
            OpenApiExample(
                "threshold",
                value={
                    "on": "2026-11-22",
                    "provisions": [
                        {
                            "key": "amo_tadamon.threshold", "since": "2022-12-01", "value": "9.5000000", "source": "Décret …",
                            "gazette": "", "url": "", "confidence": "H", "note": "",
                        }
                    ],
                },
                response_only=True,
                status_codes=["200"],
            )
        ],
    )  # fmt: skip
    def get(self, request):
        query = ProvisionsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        on = query.validated_data.get("on") or timezone.localdate()
        rows = queries.provisions().filter(since__lte=on, key__startswith=query.validated_data.get("key", "")).distinct("key")
        found = [cited(row) | {"value": row.value, "note": row.note} for row in rows if row.value is not None]
        return Response({"on": on, "provisions": found})
