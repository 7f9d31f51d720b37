"""A partner at the door: its token, its agreement, its purpose, and the trace of what it asked.

An agreement bounds everything: programs, attributes, purposes, days, and the area, which is that of the agency's user.
"""

import re

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.contrib.django_oauth_toolkit import DjangoOAuthToolkitScheme
from oauth2_provider.contrib.rest_framework import OAuth2Authentication, TokenHasScope
from oauth2_provider.oauth2_backends import get_oauthlib_core
from oauth2_provider.scopes import BaseScopes
from rest_framework.exceptions import PermissionDenied
from rest_framework.views import APIView

from rsu import audit
from rsu.api_limits import AddressLimit, AgencyLimit, BoundedJSONParser
from rsu.models import Agency, User

ELIGIBILITY, COVERAGE, REGISTER, FEEDS = "eligibility:read", "coverage:read", "households:register", "feeds:write"
SCOPES = {
    ELIGIBILITY: _("lire les droits d’un ménage"),
    COVERAGE: _("vérifier la couverture d’une personne"),
    REGISTER: _("enregistrer un ménage"),
    FEEDS: _("livrer des données qui vérifient des réponses"),
}


def agency_of(user: User | None) -> Agency | None:
    return Agency.objects.select_related("user").filter(user=user).first() if user else None


class AgreementScopes(BaseScopes):
    """The scopes a client may ask for, which are those it gets when it asks for none: what its agreement holds."""

    def get_all_scopes(self):
        return {name: str(words) for name, words in SCOPES.items()}

    def get_available_scopes(self, application=None, request=None, *args, **kwargs):
        agency = agency_of(application.user) if application else None
        if agency is None:
            return []
        granted = {
            ELIGIBILITY: bool(agency.programs),
            COVERAGE: "coverage" in agency.purposes,
            REGISTER: "register" in agency.attributes and "registration" in agency.purposes,
            FEEDS: bool(agency.feeds),
        }
        return [scope for scope, held in granted.items() if held]

    def get_default_scopes(self, application=None, request=None, *args, **kwargs):
        return self.get_available_scopes(application)


class AgencyAuthentication(OAuth2Authentication):
    """The bearer token of a client, read from the header alone and before the body; the caller is the client's user."""

    def authenticate(self, request):
        core = get_oauthlib_core()
        bearer = re.fullmatch(r"[Bb]earer +([\w.~+/=-]+)", request.META.get("HTTP_AUTHORIZATION", ""), re.ASCII)
        if bearer is None:
            return None
        headers = {"Authorization": f"Bearer {bearer[1]}"}
        valid, found = core.server.verify_request(request.build_absolute_uri("/api/v1/"), "GET", "", headers, [])
        user = valid and found.access_token.application and found.access_token.application.user
        if not user or not user.is_active:
            request._request.oauth2_error = {"error": "invalid_token"}
            return None
        return user, found.access_token


class AgencyScheme(DjangoOAuthToolkitScheme):
    target_class = "rsu.api_permissions.AgencyAuthentication"


class HasAgreement(TokenHasScope):
    """An agency whose agreement runs today, with a token that holds the view's scopes."""

    def has_permission(self, request, view) -> bool:
        if not request.user:
            return False
        view.agency = agency_of(request.user)
        if view.agency is None:
            raise PermissionDenied(_("Ce client n’appartient à aucun organisme conventionné."), "no_agreement")
        if not view.agency.since <= timezone.localdate() < view.agency.until:
            raise PermissionDenied(_("La convention de votre organisme n’est pas en vigueur."), "agreement_ended")
        if not request.auth.allow_scopes(view.required_scopes):
            raise PermissionDenied(_("Le jeton n’a pas la portée nécessaire : %s.") % " ".join(view.required_scopes), "insufficient_scope")
        return True


class PublicView(APIView):
    """Open to anybody; every answer says how much may still be asked."""

    authentication_classes: list = []
    permission_classes: list = []
    throttle_classes = [AddressLimit]
    parser_classes: list = [BoundedJSONParser]

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in getattr(self, "limit_headers", {}).items():
            response[name] = value
        return response


class PartnerView(PublicView):
    """A call of an agency, which is one audit event: `purpose`, `household` and `noted` are set on the way and told there."""

    authentication_classes = [AgencyAuthentication]
    permission_classes = [HasAgreement]
    throttle_classes = [AgencyLimit]
    required_scopes: list[str] = []
    verb = ""

    agency: Agency | None = None
    purpose = ""
    household = None

    def initial(self, request, *args, **kwargs):
        self.noted: dict = {}
        super().initial(request, *args, **kwargs)

    def check_purpose(self, purpose: str) -> None:
        """Raise 403 unless the agreement names this purpose."""
        self.purpose = purpose
        if purpose not in self.agency.purposes:
            raise PermissionDenied(_("La convention de votre organisme ne prévoit pas cette finalité."), "purpose_not_agreed")

    def finalize_response(self, request, response, *args, **kwargs):
        if self.agency:
            audit.record(
                by=self.agency.user, verb=self.verb, household=self.household, subject=f"agency:{self.agency.code}", reason=self.purpose,
                status=response.status_code, **self.noted,
            )  # fmt: skip
        return super().finalize_response(request, response, *args, **kwargs)
