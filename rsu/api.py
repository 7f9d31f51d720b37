"""/api/v1/: where partners ask; its token, its description, its changelog, and its one way of saying no."""

import hashlib
import json
from urllib.parse import urlencode

from django.db import DataError
from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from oauth2_provider.models import get_access_token_model
from oauth2_provider.oauth2_backends import get_oauthlib_core
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.parsers import FormParser
from rest_framework.response import Response

from eligibility.api import ProvisionsView
from enrollment.api import CoverageChecksView, EligibilityChecksView, HouseholdEligibilityView, HouseholdsView
from households.feeds_api import DeliveriesView, DeliveryView
from rsu import audit, problems
from rsu.api_permissions import PublicView

CHANGELOG = (
    {
        "version": "1.1",
        "on": "2026-11-27",
        "changes": [_("Livraison de données qui vérifient des réponses : POST /feeds/{kind} et GET /feeds/{kind}/{number}.")],
    },
    {
        "version": "1.0",
        "on": "2026-11-22",
        "changes": [
            _(
                "Droits d’un ménage par l’identifiant d’une personne, un jour donné : "
                "POST /eligibility-checks et GET /households/{idcs}/eligibility."
            ),
            _("Couverture d’une personne, un jour donné : POST /coverage-checks."),
            _("Enregistrement d’un ménage, une seule fois par marque : POST /households."),
            _("Droit en vigueur un jour donné, avec ses sources : GET /provisions."),
            _("Un droit maintenu le temps de vérifier une perte (kept_since), un droit perdu qui court encore (runs_until)."),
        ],
    },
)
"""What partners must know, the latest first. A field may be added at any time; one removed or changed makes a new version."""

REFUSALS = {
    "invalid_client": _("L’identifiant ou le secret du client est incorrect."),
    "invalid_scope": _("Le client n’a pas cette portée : voyez sa convention."),
    "unsupported_grant_type": _("Seul grant_type=client_credentials est accepté."),
    "unauthorized_client": _("Ce client ne peut pas demander de jeton ainsi."),
    "invalid_request": _("La demande de jeton n’a pas la forme attendue."),
}


class TokenRequestSerializer(serializers.Serializer):
    grant_type = serializers.CharField(max_length=40, help_text="client_credentials")
    client_id = serializers.CharField(required=False, max_length=100, help_text=_("ici, ou dans l’en-tête Authorization: Basic"))
    client_secret = serializers.CharField(required=False, max_length=255, trim_whitespace=False)
    scope = serializers.CharField(
        required=False, max_length=200, help_text=_("séparées par une espace ; toutes celles de la convention si absent")
    )


class TokenSerializer(serializers.Serializer):
    access_token = serializers.CharField()
    expires_in = serializers.IntegerField(max_value=900, help_text=_("secondes"))
    token_type = serializers.ChoiceField(["Bearer"])
    scope = serializers.CharField(allow_blank=True)


class TokenView(PublicView):
    """RFC 6749, § 4.4. Body and header alone are read: a secret never goes through an address."""

    parser_classes = [FormParser]
    problem_statuses = ("401",)

    @extend_schema(
        operation_id="token",
        summary=_("Un jeton d’accès, quinze minutes"),
        description=_("OAuth 2.0, client credentials. Un refus est un problème qui porte aussi le membre error de la RFC 6749."),
        request=TokenRequestSerializer,
        responses=TokenSerializer,
        tags=["token"],
        examples=[
            OpenApiExample(
                "client_secret", value={"grant_type": "client_credentials", "client_id": "cnss", "client_secret": "…"}, request_only=True
            ),
            OpenApiExample(
                "token",
                value={"access_token": "Jq0…", "expires_in": 900, "token_type": "Bearer", "scope": "eligibility:read coverage:read"},
                response_only=True,
                status_codes=["200"],
            ),
        ],
    )
    def post(self, request):
        given = TokenRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        headers = {name: value for name, value in {"HTTP_AUTHORIZATION": request.META.get("HTTP_AUTHORIZATION")}.items() if value}
        try:
            _headers, body, status = get_oauthlib_core().server.create_token_response(
                request.build_absolute_uri(request.path), "POST", urlencode(given.validated_data), headers, {}
            )
        except (ValueError, DataError):  # a Basic header that no client could have been given
            body, status = '{"error": "invalid_client"}', 401
        answer = json.loads(body)
        if status == 200:
            return self._granted(answer)
        code = answer.get("error", "invalid_request")
        detail = str(REFUSALS.get(code, REFUSALS["invalid_request"]))
        challenge = {"WWW-Authenticate": 'Basic realm="api"'} if status == 401 else {}
        return problems.response(status, code, detail=detail, error=code, headers=challenge | {"Cache-Control": "no-store"})

    def _granted(self, answer: dict) -> Response:
        checksum = hashlib.sha256(answer["access_token"].encode()).hexdigest()
        client = get_access_token_model().objects.select_related("application__user").get(token_checksum=checksum).application
        audit.record(by=client.user, verb="api.token", subject=f"client:{client.client_id}", scope=answer["scope"])
        return Response(answer, headers={"Cache-Control": "no-store"})


class ChangeSerializer(serializers.Serializer):
    version = serializers.CharField()
    on = serializers.DateField()
    changes = serializers.ListField(child=serializers.CharField())


class ChangelogSerializer(serializers.Serializer):
    changelog = ChangeSerializer(many=True)


class ChangelogView(PublicView):
    @extend_schema(
        operation_id="changelog", summary=_("Ce qui a changé dans cette interface"), responses=ChangelogSerializer, tags=["description"]
    )
    def get(self, request):
        return Response({"changelog": [entry | {"changes": [str(change) for change in entry["changes"]]} for entry in CHANGELOG]})


class NowhereView(PublicView):
    """Every address under /api/v1/ that is not one."""

    @extend_schema(exclude=True)
    def dispatch(self, request, *args, **kwargs):
        self.http_method_names = []
        return super().dispatch(request, *args, **kwargs)

    def http_method_not_allowed(self, request, *args, **kwargs):
        raise NotFound


class SchemaView(SpectacularJSONAPIView):
    """OpenAPI 3.1, in the caller's language."""

    authentication_classes: list = []
    throttle_classes: list = []


class DocsView(SpectacularSwaggerSplitView):
    """The description as a page, from files of this server alone."""

    url_name = "api:schema"
    template_name = "rsu/api_docs.html"
    authentication_classes: list = []
    throttle_classes: list = []
    title = "RSU"


urlpatterns = [
    path("", DocsView.as_view(), name="docs"),
    path("docs", DocsView.as_view()),
    path("schema", SchemaView.as_view(), name="schema"),
    path("changelog", ChangelogView.as_view(), name="changelog"),
    path("token", TokenView.as_view(), name="token"),
    path("provisions", ProvisionsView.as_view(), name="provisions"),
    path("eligibility-checks", EligibilityChecksView.as_view(), name="eligibility_checks"),
    path("coverage-checks", CoverageChecksView.as_view(), name="coverage_checks"),
    path("households", HouseholdsView.as_view(), name="households"),
    path("households/<str:idcs>/eligibility", HouseholdEligibilityView.as_view(), name="household_eligibility"),
    path("feeds/<str:kind>", DeliveriesView.as_view(), name="feeds"),
    path("feeds/<str:kind>/<int:number>", DeliveryView.as_view(), name="feed"),
    re_path(r"", NowhereView.as_view()),
]
