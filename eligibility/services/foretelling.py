"""What the approval of a provision will set to work, told before anybody signs."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rsu import numerals

from ..law import FORMULA, Law
from ..models import Proposal
from . import starting


def work_of_key(key: str, *, households: int) -> str:
    """What any new value of a key asks for; `households` are all those registered."""
    if key in starting.AMOUNTS:
        return _("À son approbation, les aides de tout le monde seront recomptées (%(households)s).") % _all(households)
    return _work(key, reads=key in starting.READ, households=households)


def work_of_proposal(proposal: Proposal, *, before: Law, households: int) -> str:
    """What this value asks for, `before` being the law it would replace."""
    if proposal.key in starting.AMOUNTS and not _reads(proposal, before):
        return work_of_key(proposal.key, households=households)
    return _work(proposal.key, reads=_reads(proposal, before), households=households)


def _reads(proposal: Proposal, before: Law) -> bool:
    return proposal.key in starting.READ or starting.ages_move(proposal, before)


def _work(key: str, *, reads: bool, households: int) -> str:
    if key in starting.THRESHOLDS:
        return _("À son approbation, les ménages entre les deux seuils seront relus.")
    if key in starting.BANDED:
        return _("À son approbation, les pertes à vérifier de ce programme seront relues.")
    if key == FORMULA:
        return _("À son approbation, l’indice de tout le monde sera recalculé (%(households)s).") % _all(households)
    if reads:
        return _("À son approbation, tout le monde sera relu (%(households)s).") % _all(households)
    return _("Son approbation ne fait relire aucun ménage.")


def _all(households: int) -> dict[str, Any]:
    told = ngettext("%(shown)s ménage", "%(shown)s ménages", households) % {"shown": numerals.count(households)}
    return {"households": told}
