"""What the receipt of a request says: what was received, on which day, from whom, and what happens next."""

from datetime import date

from django.utils.text import capfirst
from django.utils.translation import gettext as _

import households.queries
from eligibility.services import Telling
from households.models import Request
from rsu import numerals, wording
from rsu.templatetags.rsu import head, person_name

from .bilingual import both, isolated, named
from .notices import paper_words, whereabouts

HIDDEN = "•"
SHOWN = 3
"""Digits of an identifier left to read: enough to recognize one's own, too few to use another's."""


def telling(request: Request, *, on: date) -> Telling:
    """From the request as it was sent, not from what the household has become."""
    people = _declared(request) or _registered(request, on=on)

    def say() -> dict:
        return {
            "rows": _what(request, people),
            "people": [{"name": named(_name(one)), "idcs": isolated(masked(one["idcs"]))} for one in people],
            "next": _next(request),
        }

    synthetic = request.household is not None and request.household.synthetic
    told = both(say) | {"kind": "receipt", "synthetic": synthetic}
    return Telling(told=told, words=both(_words), dated=_dated)


def masked(idcs: str) -> str:
    """2000000006 is ••••• •• 006."""
    number = str(idcs or "")
    hidden = HIDDEN * max(len(number) - SHOWN, 0)
    return numerals.NARROW_SPACE.join(part for part in (hidden[:4], hidden[4:], number[-SHOWN:]) if part)


def _words() -> dict:
    return paper_words() | {
        "title": _("Reçu de demande"),
        "people": _("Personnes du ménage"),
        "name": _("Nom"),
        "idcs": _("IDCS"),
        "next": _("La suite"),
    }


def _dated(*, counts_from: date, on: date) -> dict:
    return both(lambda: {"rows": [(_("Remis le"), wording.day(on))], "next": []})


def _declared(request: Request) -> list[dict]:
    """The members as the request names them; kinds of requests that name none give nothing."""
    members = request.answers.get("members") if isinstance(request.answers, dict) else None
    return [one for one in members if isinstance(one, dict) and one.get("idcs")] if isinstance(members, list) else []


def _registered(request: Request, *, on: date) -> list[dict]:
    if request.household is None:
        return []
    names = ("idcs", "relation", "first_name_fr", "last_name_fr", "first_name_ar", "last_name_ar")
    return [{name: getattr(one, name) for name in names} for one in households.queries.members_of(request.household, on=on)]


class _Person:
    """A declared person named as a registered one is."""

    def __init__(self, declared: dict):
        self.relation = declared.get("relation")
        self.name_fr = _joined(declared, "fr")
        self.name_ar = _joined(declared, "ar") or self.name_fr


def _joined(declared: dict, script: str) -> str:
    """In Arabic both names or nothing: a family name alone would make one person of two children."""
    parts = [str(declared.get(f"{name}_{script}") or "").strip() for name in ("first_name", "last_name")]
    return " ".join(filter(None, parts)) if script == "fr" or all(parts) else ""


def _name(declared: dict) -> str:
    return person_name(_Person(declared))


def _what(request: Request, people: list[dict]) -> list[tuple[str, str]]:
    first = head(_Person(one) for one in people)
    rows = [
        (_("Demande"), capfirst(request.get_kind_display())),
        (_("Numéro"), isolated(str(request.pk))),
        (_("Déposée le"), wording.day(request.submitted_on)),
        (_("État"), capfirst(request.get_status_display())),
    ]
    if first is not None:
        rows.append((_("Déclarée pour le ménage de"), named(person_name(first))))
    if request.household is not None:
        rows.append((_("Code du ménage"), isolated(request.household.shown_code)))
    if request.commune is not None:
        rows.append((_("Bureau"), whereabouts(request)))
    return [*rows, (_("Agent qui l’a reçue"), named(request.submitted_by or request.created_by))]


def _next(request: Request) -> list[str]:
    """By status, then by kind: a registration that was processed has a score the same day."""
    if request.status == Request.Status.REJECTED:
        return [_rejected(request), _("Une nouvelle demande peut être déposée au bureau.")]
    if request.status == Request.Status.PARTIALLY_ACCEPTED:
        return [_("La demande est acceptée en partie."), *_answered(request)]
    if request.status == Request.Status.IN_PROGRESS:
        return [_("La demande est examinée. Gardez ce reçu : il porte le numéro à donner au bureau pour savoir où elle en est.")]
    if request.kind in (Request.Kind.REGISTRATION, Request.Kind.UPDATE):
        return [
            _("Les réponses sont au registre. L’indice du ménage en est calculé, et une notification dit la décision de chaque programme."),
            _("Demandez cette notification au bureau : elle porte le délai de recours."),
            _("Vérifiez les noms et les numéros ci-dessus, et faites corriger une erreur au bureau."),
        ]
    if request.kind == Request.Kind.COMPLAINT and request.answer.strip():
        return [_("La réclamation est acceptée."), *_answered(request)]
    return [_("La demande est traitée. Demandez au bureau une notification de la décision.")]


def _rejected(request: Request) -> str:
    """`reason` holds the family's own words, `answer` what it is answered: a draft put aside was answered nothing."""
    if answer := request.answer.strip():
        return _("La demande est rejetée. Motif : {reason}").format(reason=named(answer))
    if request.processed_by_id is None:
        return _("La demande a été abandonnée : aucune réponse n’a été donnée.")
    return _("La demande est rejetée, sans motif écrit.")


def _answered(request: Request) -> list[str]:
    answer = request.answer.strip()
    return [_("Réponse : {answer}").format(answer=named(answer))] if answer else []
