"""The pages each role has, in the order of the bar."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import eligibility.permissions
from rsu.authentication import PEOPLE

NAVIGATION = (
    ("desk:home", _("Mon travail"), PEOPLE),
    ("households:register", _("Enregistrer"), ("caseworker", "supervisor")),
    ("desk:requests", _("Demandes"), ("caseworker", "supervisor", "auditor")),
    ("households:imports", _("Fichiers"), ("caseworker", "supervisor", "administrator")),
    ("enrollment:work", _("Inscriptions"), ("caseworker", "supervisor", "auditor")),
    ("enrollment:months", _("Mois d’aide"), ("supervisor", "administrator", "auditor")),
    ("enrollment:overpayments", _("Trop-perçus"), ("caseworker", "supervisor", "auditor")),
    ("enrollment:placements", _("Placements"), ("supervisor", "auditor")),
    ("enrollment:payment_orders", _("Versements"), ("supervisor", "administrator", "auditor")),
    ("enrollment:ramed", _("Bascule du RAMED"), ("administrator", "auditor")),
    ("enrollment:ramed_queue", _("RAMED à régler"), ("supervisor",)),
    ("desk:appeals", _("Recours"), ("caseworker", "supervisor", "auditor")),
    ("desk:deadlines", _("Délais"), PEOPLE),
    ("enrollment:waiting", _("Ce qui attend"), PEOPLE),
    ("enrollment:batches", _("Lots"), ("supervisor", "administrator", "auditor")),
    ("enrollment:messages", _("Messages"), PEOPLE),
    ("desk:duplicates", _("Doublons"), ("supervisor",)),
    ("dashboards:kingdom", _("Tableau de bord"), ("supervisor", "administrator", "auditor")),
    ("enrollment:budget", _("Budget"), ("administrator", "auditor")),
    ("eligibility:policy", _("Politique"), ("administrator", "auditor")),
    ("eligibility:runs", _("Exécutions"), ("administrator", "auditor")),
    ("audit", _("Journal"), ("auditor",)),
)


def navigation(request) -> dict:
    """Context processor: the pages this role has, the present one marked."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": [], "search_allowed": False}
    here = request.resolver_match.view_name if request.resolver_match else ""
    entries = [
        {"url": reverse(name), "label": label, "current": here == name}
        for name, label, roles in NAVIGATION
        if user.role in roles and (name != "eligibility:runs" or eligibility.permissions.may_read_runs(user))
    ]
    return {"navigation": entries, "search_allowed": user.role in PEOPLE}
