"""What partners send and ask about households: an identifier, a declaration; the description of a declaration is the catalog itself."""

import re
import uuid
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError

from rsu.models import User
from rsu.permissions import Forbidden, in_area
from rsu.problems import Unprocessable
from rsu.wording import colon, listed

from . import queries, services
from .models import Household, Member, Request
from .questions import HOUSEHOLD, PERSON, Question

IDENTIFIER = r"^[2-9][0-9]{9}$"
IDENTIFIER_HELP = gettext_lazy("IDCS : dix chiffres, le premier de 2 à 9, le dernier un chiffre de contrôle")


class IdentifierField(serializers.RegexField):
    def __init__(self, **kwargs):
        sentence = gettext_lazy("Un IDCS a dix chiffres : le premier de 2 à 9, le dernier un chiffre de contrôle.")
        super().__init__(IDENTIFIER, **({"help_text": IDENTIFIER_HELP, "error_messages": {"invalid": sentence}} | kwargs))


class AnswersField(serializers.JSONField):
    """The canonical declaration, checked by the services: a wrong answer is told by its path, not by a form of JSON."""

    def to_internal_value(self, data):
        if not isinstance(data, dict):
            raise ValidationError(_("La déclaration est un objet JSON : un nom de champ, une réponse."), "not_an_object")
        return data


class RegistrationSerializer(serializers.Serializer):
    token = serializers.UUIDField(
        required=False, help_text=gettext_lazy("la marque de cette demande : envoyée deux fois, elle n’enregistre qu’un ménage")
    )
    answers = AnswersField()


def find_member(user: User, idcs: str) -> Member:
    """The person in the agency's area. Raises one and the same 404 for an unknown person and for one outside it."""
    member = None
    if re.fullmatch(IDENTIFIER, idcs, re.ASCII):
        member = Member.objects.filter(in_area(user, "household__commune"), idcs=idcs).select_related("household__commune").first()
    if member is None:
        raise NotFound(_("Identifiant inconnu, ou hors du territoire de votre convention."), "unknown_identifier")
    return member


def read_registration(data, key: str, *, client: str) -> tuple[uuid.UUID, dict]:
    """(token, answers) of a body {token, answers}, or of the bare answers with an Idempotency-Key; the header wins.

    A key that is not a UUID is made one, the same each time for the same client.
    """
    if not isinstance(data, dict):
        raise ValidationError({"answers": [_("Envoyez un objet JSON : { token, answers }.")]})
    given = RegistrationSerializer(data=data if "answers" in data else {"answers": data})
    given.is_valid(raise_exception=True)
    token = _token(key, client) or given.validated_data.get("token")
    if token is None:
        sentence = _("Donnez à cette demande une marque : token dans le corps, ou l’en-tête Idempotency-Key.")
        raise ValidationError({"token": [sentence]}, "required")
    return token, given.validated_data["answers"]


def _token(key: str, client: str) -> uuid.UUID | None:
    key = key.strip().strip('"')
    if not key:
        return None
    try:
        return uuid.UUID(key)
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:rsu:client:{client}:{key}")


def register(token: uuid.UUID, answers: dict, *, on: date, by: User, law) -> tuple[Household, bool]:
    """The household of this token and whether it is new. Raises 403, 422 with each problem, or 422 for another body under a known token."""
    known = queries.registration(by, token)
    done = known is not None and known.status == Request.Status.PROCESSED
    if done and known.answers != services.plain(answers):
        raise Unprocessable(_("Cette marque a déjà servi pour une autre déclaration : rien n’a été changé."), "token_reused")
    try:
        request = services.submit_registration(token=token, answers=answers, on=on, by=by, law=law)
    except services.DeclarationRefused as refusal:
        raise Unprocessable(problems=[_shown(problem) for problem in refusal.problems]) from None
    except Forbidden as refusal:
        raise PermissionDenied(str(refusal), "registration_not_agreed") from None
    return request.household, not done


def _shown(problem: services.Problem) -> dict:
    return {"path": problem.path, "sentence": str(problem.sentence)} | ({"confirm": problem.confirm} if problem.confirm else {})


class DescribedAnswers(OpenApiSerializerFieldExtension):
    """The declaration in the OpenAPI description, made from the questions put on screen."""

    target_class = AnswersField

    def map_serializer_field(self, auto_schema, direction):
        return answers_schema()


def answers_schema() -> dict:
    """JSON Schema of a declaration, in the language of the moment."""
    members = {"type": "array", "items": {"type": "object", "properties": _properties(PERSON)}}
    confirmed = {
        "type": "array",
        "items": {"type": "string"},
        "description": _("réponses rares que le déclarant confirme : voyez confirm des refus"),
    }
    return {
        "type": "object",
        "properties": _properties(HOUSEHOLD) | {"members": members, "confirmed": confirmed},
        "required": ["commune", "members"],
    }


def _properties(questions: tuple[Question, ...]) -> dict:
    properties: dict[str, dict] = {}
    for question in questions:
        properties.setdefault(question.field, _property(question))
    return properties


def _property(question: Question) -> dict:
    shapes = {
        "bills": {
            "type": ["array", "null"],
            "maxItems": 3,
            "items": {"type": ["string", "number", "null"]},
            "examples": [["350.00", None, None]],
        },
        "money": {"type": ["string", "number", "null"], "examples": ["75"]},
        "day": {"type": ["string", "null"], "examples": ["2020-03-05"]},
        "idcs": {"type": "string", "pattern": IDENTIFIER},
        "place": {"type": "string", "examples": ["06.141.01.05"]},
    }
    shapes |= {kind: {"type": ["boolean", "null"]} for kind in ("yes_no", "flag")}
    shapes |= {kind: {"type": ["integer", "null"]} for kind in ("count", "year", "month", "number", "member")}
    shape = shapes.get(question.kind, {"type": ["string", "null"]})
    words = str(question.label) + (f" ({question.id})" if question.id else "")
    if question.kind == "choice":
        options = question.options()
        codes = listed((f"{code} = {label}" for code, label in options), apart=True)
        words += "" if len(options) > 20 else f"{colon()} {codes}"
        shape = shape | {"enum": [*(code for code, _label in options), None]}
    return shape | {"description": words}
