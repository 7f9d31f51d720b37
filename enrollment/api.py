"""The partner API's answers about one household or one person: its rights with its enrollments, a person's cover, a new household."""

import uuid
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.response import Response

import eligibility.queries
import eligibility.services
from eligibility.api import AttributesSerializer, RightSerializer, attributes, rights
from eligibility.models import OPEN, Program
from households.api import IDENTIFIER, IDENTIFIER_HELP, IdentifierField, RegistrationSerializer, find_member, read_registration, register
from households.models import Household, Member
from rsu.api_permissions import COVERAGE, ELIGIBILITY, REGISTER, PartnerView
from rsu.authentication import engine

from . import moved, queries, services
from .lifecycle import COVERING
from .models import Enrollment, MigratedCover

PURPOSE_HELP = gettext_lazy("pourquoi l’organisme demande, parmi les finalités de sa convention")
DAY_HELP = gettext_lazy("le jour lu ; aujourd’hui si absent, jamais un jour à venir")
MEMBERS = "members"
"""The attribute of an agreement that lets out the enrollments of everybody in the household, with their IDCS."""


class PastDayField(serializers.DateField):
    def to_internal_value(self, value) -> date:
        day = super().to_internal_value(value)
        if day > timezone.localdate():
            raise ValidationError(_("Ce jour est à venir : un droit ne se lit qu’au plus tard aujourd’hui."), "future")
        return day


class ReadingSerializer(serializers.Serializer):
    on = PastDayField(required=False, help_text=DAY_HELP)
    purpose = serializers.CharField(max_length=40, help_text=PURPOSE_HELP)


class CheckSerializer(ReadingSerializer):
    identifier = IdentifierField()


class EnrollmentSerializer(serializers.Serializer):
    identifier = serializers.CharField(allow_null=True, help_text=gettext_lazy("l’IDCS de la personne ; null pour l’aide d’un ménage"))
    quality = serializers.ChoiceField(Enrollment.Quality.choices)
    status = serializers.ChoiceField(Enrollment.Status.choices)
    since = serializers.DateField(allow_null=True)
    until = serializers.DateField(allow_null=True, help_text=gettext_lazy("premier jour sans droit ; null : sans fin prévue"))


class EnrolledRightSerializer(RightSerializer):
    enrollments = EnrollmentSerializer(many=True)


class EligibilitySerializer(AttributesSerializer):
    identifier = IdentifierField()
    on = serializers.DateField()
    programs = EnrolledRightSerializer(many=True)


class PeriodSerializer(serializers.Serializer):
    since = serializers.DateField(allow_null=True)
    until = serializers.DateField(allow_null=True, help_text=gettext_lazy("premier jour sans couverture ; null : sans fin prévue"))


class CoverageSerializer(serializers.Serializer):
    on = serializers.DateField()
    in_force = serializers.BooleanField()
    scheme = serializers.ChoiceField([Program.AMO_TADAMON.value], allow_null=True)
    period = PeriodSerializer()
    reference = serializers.UUIDField(help_text=gettext_lazy("la référence de cette vérification, gardée au journal du registre"))


class RegisteredSerializer(AttributesSerializer):
    code = serializers.RegexField(r"^[0-9]{11}$")
    on = serializers.DateField()
    registered_on = serializers.DateField()
    decisions = EnrolledRightSerializer(many=True)


_CITATION = {
    "key": "direct_aid.threshold",
    "since": "2023-12-01",
    "source": "Décret n° 2-23-1067",
    "gazette": "",
    "url": "",
    "confidence": "H",
}
_RIGHT = {
    "program": "direct_aid",
    "label": "aide sociale directe",
    "on": "2026-11-22",
    "entitled": True,
    "since": "2026-11-02",
    "kept_since": None,
    "runs_until": None,
    "threshold": "9.5000000",
    "provision": _CITATION,
    "enrollments": [{"identifier": None, "quality": "household", "status": "active", "since": "2026-11-01", "until": None}],
}
_FORMULA = _CITATION | {"key": "score.formula", "since": "2021-08-09", "source": "Décret n° 2-21-582", "confidence": "H"}
ELIGIBILITY_EXAMPLES = [
    OpenApiExample("check", value={"identifier": "2000000016", "purpose": "enrollment"}, request_only=True),
    OpenApiExample(
        "right",
        summary=gettext_lazy("sans attribut dans la convention : le droit, son jour, sa source"),
        value={"identifier": "2000000016", "on": "2026-11-22", "programs": [_RIGHT]},
        response_only=True,
        status_codes=["200"],
    ),
    OpenApiExample(
        "score_and_size",
        summary=gettext_lazy("avec l’indice et la taille du ménage dans la convention"),
        value={
            "identifier": "2000000016", "on": "2026-11-22", "programs": [_RIGHT], "score": "9.7392575", "size": 4,
            "formula": _FORMULA,
        },
        response_only=True,
        status_codes=["200"],
    ),
]  # fmt: skip
ABOUT_ELIGIBILITY = gettext_lazy(
    "Les programmes de la convention, chacun avec la réponse, depuis quand, le seuil et sa source. "
    "Un ménage dont les réponses ont changé est évalué d’abord. Un jour passé est lu dans la suite des décisions. "
    "Une personne inconnue et une personne hors du territoire de la convention reçoivent le même refus 404."
)


class EligibilityView(PartnerView):
    """`answer` is the same whatever the door: body (identifiers stay out of the logs of proxies) or address."""

    required_scopes = [ELIGIBILITY]
    problem_statuses = ("404",)

    def answer(self, idcs: str, *, on: date, purpose: str) -> Response:
        self.noted |= {"on": str(on)}
        self.check_purpose(purpose)
        member = find_member(self.agency.user, idcs)
        self.household = member.household
        _bring_up_to_date(self.household, today=timezone.localdate())
        standing = eligibility.queries.standing(self.household, on=on) if on == timezone.localdate() else None
        programs = _enrolled_rights(self.household, member, agency=self.agency, on=on, standing=standing)
        shown = attributes(standing, agency=self.agency) if standing else {}
        return Response({"identifier": idcs, "on": on, "programs": programs} | shown)


class EligibilityChecksView(EligibilityView):
    verb = "api.eligibility_check"

    @extend_schema(
        operation_id="check_eligibility",
        summary=gettext_lazy("Les droits du ménage d’une personne, un jour donné"),
        description=ABOUT_ELIGIBILITY,
        request=CheckSerializer,
        responses=EligibilitySerializer,
        examples=ELIGIBILITY_EXAMPLES,
        tags=["eligibility"],
    )
    def post(self, request):
        given = _valid(CheckSerializer, request.data)
        return self.answer(given["identifier"], on=_day(given), purpose=given["purpose"])


class HouseholdEligibilityView(EligibilityView):
    verb = "api.eligibility_read"

    @extend_schema(
        operation_id="read_eligibility",
        summary=gettext_lazy("La même réponse par une adresse"),
        description=gettext_lazy(
            "L’identifiant est dans l’adresse, que des serveurs intermédiaires gardent : préférez POST /eligibility-checks."
        ),
        parameters=[
            OpenApiParameter("idcs", {"type": "string", "pattern": IDENTIFIER}, "path", description=IDENTIFIER_HELP),
            ReadingSerializer,
        ],
        responses=EligibilitySerializer,
        examples=ELIGIBILITY_EXAMPLES[1:],
        tags=["eligibility"],
    )
    def get(self, request, idcs: str):
        given = _valid(ReadingSerializer, request.query_params)
        return self.answer(idcs, on=_day(given), purpose=given["purpose"])


ABOUT_COVERAGE = gettext_lazy(
    "Ni indice ni ménage. Une personne inconnue, non couverte ou hors du territoire de la convention reçoit la même réponse : "
    "in_force vaut false."
)


class CoverageChecksView(PartnerView):
    """One person, one day, yes or no: unknown, outside the area and not covered are one and the same answer, by the same queries."""

    required_scopes = [COVERAGE]
    verb = "api.coverage_check"

    @extend_schema(
        operation_id="check_coverage",
        summary=gettext_lazy("Cette personne est-elle couverte ce jour-là ?"),
        description=ABOUT_COVERAGE,
        request=CheckSerializer,
        responses=CoverageSerializer,
        tags=["coverage"],
        examples=[
            OpenApiExample("check", value={"identifier": "2000000016", "on": "2026-11-22", "purpose": "coverage"}, request_only=True),
            OpenApiExample(
                "covered",
                value={
                    "on": "2026-11-22", "in_force": True, "scheme": "amo_tadamon", "period": {"since": "2026-11-03", "until": None},
                    "reference": "6f1c0b52-54c5-4d0a-9f0e-0b3f8f6d2a11",
                },
                response_only=True,
                status_codes=["200"],
            ),
            OpenApiExample(
                "not_covered",
                summary=gettext_lazy("personne inconnue, non couverte ou hors du territoire de la convention"),
                value={
                    "on": "2026-11-22", "in_force": False, "scheme": None, "period": {"since": None, "until": None},
                    "reference": "0d4b7f0e-0a55-4c2d-8d52-5c6b3d1c9e77",
                },
                response_only=True,
                status_codes=["200"],
            ),
        ],
    )  # fmt: skip
    def post(self, request):
        given = _valid(CheckSerializer, request.data)
        on, reference = _day(given), uuid.uuid4()
        self.noted |= {"on": str(on), "reference": str(reference)}
        self.check_purpose(given["purpose"])
        if Program.AMO_TADAMON not in self.agency.programs:
            raise PermissionDenied(_("La convention de votre organisme ne porte pas sur la couverture médicale."), "program_not_agreed")
        enrolled = queries.enrollments_of(self.agency.user).filter(pk__in=_covers(given["identifier"], on)).first()
        migrated = moved.migrated_cover_seen(self.agency.user, given["identifier"], on)
        cover = enrolled or migrated
        try:
            self.household = find_member(self.agency.user, given["identifier"]).household
        except NotFound:
            self.household = enrolled and enrolled.household
        return Response(
            {
                "on": on,
                "in_force": cover is not None,
                "scheme": cover and Program.AMO_TADAMON.value,
                "period": {"since": cover and cover.since, "until": cover and _end(cover)},
                "reference": reference,
            }
        )


ABOUT_REGISTRATION = gettext_lazy(
    "La déclaration canonique d’un ménage, avec les mêmes contrôles, le même indice et les mêmes décisions qu’au guichet et en lot. "
    "Envoyée deux fois avec la même marque, elle n’enregistre qu’un ménage : 201, puis 200. "
    "Le corps est { token, answers }, ou les réponses seules avec l’en-tête Idempotency-Key."
)


class HouseholdsView(PartnerView):
    required_scopes = [REGISTER]
    problem_statuses = ("413", "422")
    verb = "api.register_household"

    @extend_schema(
        operation_id="register_household",
        summary=gettext_lazy("Enregistrer un ménage"),
        description=ABOUT_REGISTRATION,
        parameters=[OpenApiParameter("Idempotency-Key", str, "header", description=gettext_lazy("un UUID de préférence"))],
        request={"application/json": RegistrationSerializer},
        responses={201: RegisteredSerializer, 200: RegisteredSerializer},
        tags=["households"],
        examples=[
            OpenApiExample(
                "declaration",
                summary=gettext_lazy("abrégée : toutes les questions qui concernent le ménage sont à répondre"),
                value={
                    "token": "2f9f1c3e-7a43-4b0e-9c7e-3c1d9a0d5b11",
                    "answers": {
                        "commune": "06.141.01.53",
                        "rooms": 2,
                        "electricity_bills": ["350.00", None, None],
                        "butane_month": "75",
                        "members": [],
                    },
                },
                request_only=True,
            ),
            OpenApiExample(
                "registered",
                value={
                    "code": "10000000019",
                    "on": "2026-11-22",
                    "registered_on": "2026-11-22",
                    "decisions": [_RIGHT],
                    "score": "9.7392575",
                    "size": 4,
                },
                response_only=True,
                status_codes=["200", "201"],
            ),
        ],
    )
    def post(self, request):
        self.check_purpose("registration")
        user, today = self.agency.user, timezone.localdate()
        token, answers = read_registration(request.data, request.headers.get("Idempotency-Key", ""), client=self.agency.code)
        self.noted |= {"token": str(token)}
        self.household, new = register(token, answers, on=today, by=user, law=request.law)
        _bring_up_to_date(self.household, today=today)
        standing = eligibility.queries.standing(self.household, on=today)
        head = self.household.members.order_by("position").first()
        shown = {
            "code": self.household.code,
            "on": today,
            "registered_on": self.household.registered_on,
            "decisions": _enrolled_rights(self.household, head, agency=self.agency, on=today, standing=standing),
        }
        return Response(shown | attributes(standing, agency=self.agency), status=201 if new else 200)


def _valid(serializer: type[serializers.Serializer], data) -> dict:
    given = serializer(data=data)
    given.is_valid(raise_exception=True)
    return given.validated_data


def _day(given: dict) -> date:
    return given.get("on") or timezone.localdate()


def _bring_up_to_date(household: Household, *, today: date) -> None:
    """What the household's file does before it is read: a declaration not read yet is assessed, and its rights proposed."""
    if eligibility.services.assess_due(household.pk, on=today, by=engine()):
        services.propose_for_household(household.pk, on=today, by=engine())


def _covers(idcs: str, on: date):
    """The AMO-TADAMON enrollments that cover the person on the day: none or one."""
    running = Enrollment.objects.filter(program=Program.AMO_TADAMON, idcs=idcs, since__lte=on, until__gt=on)
    return running.filter(status__in=(*COVERING, Enrollment.Status.ENDED)).values("pk")


def _enrolled_rights(household: Household, member: Member, *, agency, on: date, standing) -> list[dict]:
    """Rights with enrollments: the person's own cover and the household's aid; everybody's if the agreement says so."""
    found = rights(household, agency=agency, on=on, standing=standing)
    everybody = MEMBERS in agency.attributes
    own = [row for row in queries.household_enrollments(household) if everybody or row.idcs in ("", member.idcs)]
    rows = [row for row in own if _says_something(row, on)]
    for right in found:
        right["enrollments"] = [_enrollment(row) for row in rows if row.program == right["program"]]
    return found


def _says_something(row: Enrollment, on: date) -> bool:
    """Whether the enrollment ran on the day, or waits today to be decided."""
    if row.status == Enrollment.Status.PROPOSED:
        return on == timezone.localdate()
    return row.status != Enrollment.Status.REFUSED and row.since <= on < row.until


def _enrollment(row: Enrollment) -> dict:
    return {"identifier": row.idcs or None, "quality": row.quality, "status": row.status, "since": row.since, "until": _end(row)}


def _end(row: Enrollment | MigratedCover) -> date | None:
    return None if row.until == OPEN else row.until
