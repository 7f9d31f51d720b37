"""The pages each role has, in the order of the bar: a few by name, the others under the subject they belong to."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import eligibility.permissions
from rsu.authentication import PEOPLE

NAVIGATION = (
    ("", (
        ("desk:home", _("Mon travail"), PEOPLE),
        ("households:register", _("Enregistrer"), ("caseworker", "supervisor")),
    )),
    (_("Familles"), (
        ("desk:requests", _("Demandes"), ("caseworker", "supervisor", "auditor")),
        ("desk:appeals", _("Recours"), ("caseworker", "supervisor", "auditor")),
        ("desk:conflicts", _("Contradictions"), ("caseworker", "supervisor", "auditor")),
        ("desk:duplicates", _("Doublons"), ("supervisor",)),
        ("enrollment:messages", _("Messages"), PEOPLE),
        ("desk:paper", _("À remettre sur papier"), ("caseworker", "supervisor")),
        ("households:imports", _("Fichiers"), ("caseworker", "supervisor", "administrator")),
        ("households:deliveries", _("Livraisons des partenaires"), ("supervisor", "administrator", "auditor")),
    )),
    (_("Droits"), (
        ("enrollment:work", _("Inscriptions"), ("caseworker", "supervisor", "auditor")),
        ("enrollment:waiting", _("Ce qui attend"), PEOPLE),
        ("enrollment:batches", _("Lots"), ("supervisor", "administrator", "auditor")),
        ("desk:deadlines", _("Délais"), PEOPLE),
        ("enrollment:coming", _("Places qui finissent"), ("caseworker", "supervisor", "auditor")),
        ("enrollment:directions", _("Orientations"), ("caseworker", "supervisor", "auditor")),
        ("enrollment:ramed", _("Bascule du RAMED"), ("administrator", "auditor")),
        ("enrollment:ramed_queue", _("RAMED à régler"), ("supervisor",)),
    )),
    (_("Argent"), (
        ("enrollment:months", _("Mois d’aide"), ("supervisor", "administrator", "auditor")),
        ("enrollment:payment_orders", _("Versements"), ("supervisor", "administrator", "auditor")),
        ("enrollment:overpayments", _("Trop-perçus"), ("caseworker", "supervisor", "auditor")),
        ("enrollment:placements", _("Placements"), ("supervisor", "auditor")),
        ("enrollment:budget", _("Budget"), ("administrator", "auditor")),
    )),
    (_("Pilotage"), (
        ("dashboards:kingdom", _("Tableau de bord"), ("supervisor", "administrator", "auditor")),
        ("eligibility:policy", _("Politique"), ("administrator", "auditor")),
        ("eligibility:runs", _("Exécutions"), ("administrator", "auditor")),
        ("audit", _("Journal"), ("auditor",)),
    )),
)  # fmt: skip
"""(subject, pages); a subject of which a role has one page only is that page."""


def navigation(request) -> dict:
    """Context processor: the pages this role has by subject, the present one marked."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": [], "search_allowed": False}
    here = request.resolver_match.view_name if request.resolver_match else ""
    bar = []
    for subject, entries in NAVIGATION:
        pages = [
            {"url": reverse(name), "label": label, "current": here == name}
            for name, label, roles in entries
            if _may_open(user, name, roles)
        ]
        if subject and len(pages) > 1:
            bar.append({"label": subject, "pages": pages, "current": any(page["current"] for page in pages)})
        else:
            bar += pages
    return {"navigation": bar, "search_allowed": user.role in PEOPLE}


def _may_open(user, name: str, roles: tuple) -> bool:
    return user.role in roles and (name != "eligibility:runs" or eligibility.permissions.may_read_runs(user))
