"""What the family is given on paper: the receipt of its appeal, then the answer; one chain, the answer replacing the receipt."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

import households.queries
from eligibility import services
from eligibility.models import OPEN
from eligibility.permissions import NOTICE_ISSUERS
from eligibility.services import Telling
from eligibility.views.notices import paper
from enrollment.contested import title_of
from enrollment.models import Appeal
from households.updates import parted, sides_of
from rsu import numerals, wording
from rsu.authentication import role_required
from rsu.desk.bilingual import both, isolated, named
from rsu.desk.notices import paper_words, whereabouts
from rsu.templatetags.rsu import head, person_name

from . import effects
from .page import find


@require_POST
@role_required(*NOTICE_ISSUERS)
def print_paper(request, pk: int) -> HttpResponse:
    """The receipt while the appeal waits, the answer once it is judged; the same paper while it tells the same."""
    today = timezone.localdate()
    appeal = find(request.user, pk)
    try:
        issued = services.issue_receipt(request=appeal.request, tell=lambda _locked: telling(appeal, on=today), on=today, by=request.user)
    except services.NothingToTell as refusal:
        messages.warning(request, str(refusal))
        return redirect("desk:appeal", pk=pk)
    return paper(issued.notice, bytes(issued.notice.pdf))


def telling(appeal: Appeal, *, on: date) -> Telling:
    people = households.queries.members_of(appeal.household, on=on)

    def say() -> dict:
        return {"rows": _what(appeal, people), "people": [], "next": _answer(appeal) if not appeal.is_open else _waiting(appeal)}

    told = both(say) | {"kind": "receipt", "synthetic": appeal.household.synthetic}
    return Telling(told=told, words=both(lambda: _words(appeal)), dated=_dated)


def _words(appeal: Appeal) -> dict:
    title = _("Reçu de recours") if appeal.is_open else _("Réponse au recours")
    return paper_words() | {
        "title": title,
        "people": _("Personnes du ménage"),
        "name": _("Nom"),
        "idcs": _("IDCS"),
        "next": _("La suite") if appeal.is_open else _("La réponse"),
    }


def _dated(*, counts_from: date, on: date) -> dict:
    return both(lambda: {"rows": [(_("Remis le"), wording.day(on))], "next": []})


def _what(appeal: Appeal, people: list) -> list[tuple[str, str]]:
    first = head(people)
    return [
        (_("Ménage"), named(person_name(first)) if first else ""),
        (_("Code du ménage"), isolated(appeal.household.shown_code)),
        (_("Recours n°"), isolated(str(appeal.pk))),
        (_("Contre"), title_of(appeal)),
        (_("Parce que"), appeal.get_ground_display()),
        (_("Déposé le"), wording.day(appeal.filed_on)),
        (_("État"), capfirst(appeal.get_status_display())),
        (_("Bureau"), whereabouts(appeal.household)),
        (_("Agent qui l’a reçu"), named(appeal.filed_by)),
    ]


def _waiting(appeal: Appeal) -> list[str]:
    said = []
    if appeal.waits_for_admission:
        told = _("Ce recours est hors délai depuis le {day} : un superviseur dira s’il est admis.")
        said.append(told.format(day=wording.day(appeal.last_day)))
    said.append(_("Les mots de la famille : {words}").format(words=named(appeal.request.reason)))
    said += _claims(appeal)
    if count := appeal.request.evidence.count():
        said.append(ngettext("{n} pièce est jointe.", "{n} pièces sont jointes.", count).format(n=count))
    said.append(_("La réponse est due au plus tard le {day}.").format(day=wording.day(appeal.due_on)))
    said.append(_("Gardez ce reçu : il porte le numéro à donner au bureau pour savoir où en est le recours."))
    return said


def _claims(appeal: Appeal) -> list[str]:
    """Each answer said to be false, and the one said to be true."""
    if appeal.ground != Appeal.Ground.ANSWER:
        return []
    sentence = _("{question} : la famille dit « {answer} ».")
    lines = [line for side in parted(sides_of(appeal.request), appeal.request.touched)[0] for party in side.parties for line in party.lines]
    return [sentence.format(question=named(str(line.question)), answer=named(str(line.after or _("sans réponse")))) for line in lines]


def _answer(appeal: Appeal) -> list[str]:
    if appeal.status == Appeal.Status.WITHDRAWN:
        return [_("La famille a retiré ce recours.")]
    verdict = {
        Appeal.Status.UPHELD: _("Le recours est accueilli."),
        Appeal.Status.PARTLY_UPHELD: _("Le recours est accueilli en partie."),
        Appeal.Status.DISMISSED: _("Le recours est rejeté."),
    }[Appeal.Status(appeal.status)]
    decided = _("Décidé le {day} par {who}.").format(day=wording.day(appeal.decided_on), who=named(appeal.decided_by))
    return [f"{verdict} {decided}", _("Raisons : {answer}").format(answer=named(appeal.answer)), *_given(appeal)]


def _given(appeal: Appeal) -> list[str]:
    found = effects.given(appeal, appeal.effect)
    said = []
    for one in found.covers:
        told = {"who": named(one.who), "program": capfirst(one.program), "since": wording.day(one.since), "until": wording.day(one.until)}
        running = _("{program}, {who} : droit rendu depuis le {since}.") if one.who else _("{program} : droit rendu depuis le {since}.")
        over = (
            _("{program}, {who} : droit rendu du {since} jusqu’au {until} exclu.")
            if one.who
            else _("{program} : droit rendu du {since} jusqu’au {until} exclu.")
        )
        said.append((running if one.until == OPEN else over).format(**told))
    for one in found.months:
        told = {"month": wording.day(one.month, "F Y"), "amount": isolated(numerals.dirhams(one.amount))}
        if one.written is None:
            said.append(_("Aide de {month} : {amount} MAD.").format(**told))
        else:
            told["written"] = isolated(numerals.dirhams(one.written))
            said.append(_("Aide de {month} : {amount} MAD au lieu de {written}, la différence suivra.").format(**told))
    return [*said, *found.hindrances]
