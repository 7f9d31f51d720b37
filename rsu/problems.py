"""Every refusal of the partner API is one problem document (RFC 9457), in the caller's language.

`type` is `urn:rsu:problem:` and a code that programs may test; `detail` and each `sentence` are for people.
"""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from drf_standardized_errors.formatter import ExceptionFormatter, flatten_errors
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.openapi import AutoSchema
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: _("Demande invalide"),
    401: _("Authentification nécessaire"),
    403: _("Accès refusé"),
    404: _("Introuvable"),
    405: _("Méthode non permise"),
    406: _("Format de réponse non disponible"),
    409: _("Conflit"),
    413: _("Demande trop volumineuse"),
    415: _("Type de contenu non accepté"),
    422: _("Contenu refusé"),
    429: _("Trop de demandes"),
    500: _("Erreur du serveur"),
}
DETAILS = {
    "not_authenticated": _("Joignez un jeton d’accès en cours de validité : Authorization: Bearer …"),
    "authentication_failed": _("Joignez un jeton d’accès en cours de validité : Authorization: Bearer …"),
    "parse_error": _("Le corps de la demande n’est pas un document JSON lisible."),
    "invalid": _("La demande n’a pas la forme attendue : voyez errors."),
    "permission_denied": _("Votre organisme n’a pas accès à cette ressource."),
    "not_found": _("Cette ressource n’existe pas."),
    "method_not_allowed": _("Cette méthode n’est pas permise ici : voyez l’en-tête Allow."),
    "not_acceptable": _("Les réponses sont en JSON : acceptez application/json."),
    "unsupported_media_type": _("Envoyez le type de contenu que la documentation indique."),
    "throttled": _("Attendez le nombre de secondes de l’en-tête Retry-After, puis recommencez."),
    "error": _("Le registre n’a pas pu répondre. Rien n’a été changé ; recommencez plus tard."),
}
"""Sentences for refusals that have none of their own."""


class Unprocessable(APIException):
    """422: readable and refused; `problems` are {path, sentence, confirm?}."""

    status_code = 422
    default_code = "declaration_refused"
    default_detail = _("La déclaration ne peut pas être enregistrée : voyez errors.")

    def __init__(self, detail=None, code=None, problems: Iterable[dict] = ()) -> None:
        super().__init__(detail, code)
        self.problems = list(problems)


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = _("Le corps de la demande dépasse la taille permise.")


def document(status: int, code: str, *, detail: str = "", errors: list[dict] | None = None, **members) -> dict:
    """The body of a problem; `members` are extension members of this type of problem."""
    return {
        "type": f"urn:rsu:problem:{code}",
        "title": str(TITLES.get(status, TITLES[400 if status < 500 else 500])),
        "status": status,
        "detail": detail or str(DETAILS.get(code, "")),
        "errors": errors or [],
    } | members


def response(status: int, code: str, *, headers: dict | None = None, **rest) -> Response:
    return Response(document(status, code, **rest), status=status, headers=headers, content_type=MEDIA_TYPE)


class ProblemFormatter(ExceptionFormatter):
    def run(self) -> dict:
        if isinstance(self.exc, ValidationError):
            errors = [{"path": error.attr or "", "sentence": error.detail, "code": error.code} for error in flatten_errors(self.exc.detail)]
            return document(400, "invalid", errors=errors)
        codes = self.exc.get_codes()
        code = codes if isinstance(codes, str) else self.exc.default_code
        detail = str(DETAILS.get(code) or self.exc.detail)
        return document(self.exc.status_code, code, detail=detail, errors=getattr(self.exc, "problems", []))


class ProblemHandler(ExceptionHandler):
    def get_response(self, exc: APIException, data: dict) -> Response:
        return Response(data, status=exc.status_code, headers=self.get_headers(exc), content_type=MEDIA_TYPE)


class ErrorSerializer(serializers.Serializer):
    path = serializers.CharField(allow_blank=True, help_text=_("le champ en cause, les personnes comptées à partir de 1 : members.2.idcs"))
    sentence = serializers.CharField(help_text=_("ce qu’il faut corriger, dans la langue demandée"))
    code = serializers.CharField(required=False)
    confirm = serializers.CharField(
        required=False, help_text=_("à ajouter à la liste confirmed de la déclaration pour dire que la réponse est juste")
    )


class ProblemSerializer(serializers.Serializer):
    """RFC 9457."""

    type = serializers.CharField(help_text=_("urn:rsu:problem: suivi d’un code stable"))
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(allow_blank=True)
    errors = ErrorSerializer(many=True)
    error = serializers.CharField(required=False, help_text=_("le code d’erreur d’OAuth 2.0 (RFC 6749, § 5.2), pour le jeton seulement"))


EXAMPLES = {
    "400": ("invalid", [{"path": "purpose", "sentence": "Ce champ est obligatoire.", "code": "required"}]),
    "401": ("not_authenticated", []),
    "403": ("agreement_ended", []),
    "404": ("unknown_identifier", []),
    "405": ("method_not_allowed", []),
    "406": ("not_acceptable", []),
    "413": ("too_large", []),
    "415": ("unsupported_media_type", []),
    "422": ("declaration_refused", [{"path": "members.2.idcs", "sentence": "Cet IDCS est déjà enregistré dans un ménage."}]),
    "429": ("throttled", []),
    "500": ("error", []),
}
SENTENCES = {
    "agreement_ended": _("La convention de votre organisme n’est pas en vigueur."),
    "unknown_identifier": _("Identifiant inconnu, ou hors du territoire de votre convention."),
    "too_large": TooLarge.default_detail,
    "declaration_refused": Unprocessable.default_detail,
}


def documented(status: str) -> OpenApiResponse:
    """This status in the OpenAPI description, with an example."""
    code, errors = EXAMPLES[status]
    example = document(int(status), code, detail=str(SENTENCES.get(code, "")), errors=errors)
    return OpenApiResponse(
        ProblemSerializer,
        description=TITLES[int(status)],
        examples=[OpenApiExample(f"problem_{code}", value=example, response_only=True, status_codes=[status])],
    )


class ProblemSchema(AutoSchema):
    """Each refusal a view may answer is described as a problem; a view adds its own in `problem_statuses`."""

    def _get_response_bodies(self, direction="response"):
        responses = super()._get_response_bodies(direction)
        if direction == "response":
            for status in getattr(self.view, "problem_statuses", ()):
                responses.setdefault(status, self._get_response_for_code(documented(status), status))
        return dict(sorted(responses.items()))

    def _get_error_response_serializer(self, status_code: str) -> OpenApiResponse:
        return documented(status_code)

    def _get_error_response_examples(self) -> list:
        return []

    def _get_response_for_code(self, serializer, status_code, media_types=None, direction="response"):
        if int(status_code) >= 400:
            media_types = [MEDIA_TYPE]
        return super()._get_response_for_code(serializer, status_code, media_types, direction)

    def _should_add_http405_error_response(self) -> bool:
        # Another method is another operation: it is not among the answers of this one.
        return False

    def _should_add_http404_error_response(self) -> bool:
        return "404" in getattr(self.view, "problem_statuses", ())
