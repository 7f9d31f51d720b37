"""Money received too much is taken back only by decision: one proposes how much a month, another decides."""

from datetime import date

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from households.models import Household
from rsu import audit
from rsu.models import User
from rsu.permissions import Forbidden, check_role, in_area

from ..lifecycle import PEOPLE
from ..models import Overpayment

State = Overpayment.State
PROPOSABLE = (State.RECORDED, State.WAIVED, State.PROPOSED)


class OverpaymentRefused(Exception):
    """The recovery cannot be proposed or decided; `field` is what is wrong, the message a sentence for the screen."""

    def __init__(self, message: str, field: str = ""):
        super().__init__(message)
        self.field = field


@transaction.atomic
def propose_recovery(overpayment_id: int, *, share: int, reason: str, on: date, by: User) -> Overpayment:
    """Propose to take back `share` centimes a month at most. Raises OverpaymentRefused, Forbidden."""
    check_role(by, *PEOPLE)
    overpayment, reason = _locked(overpayment_id, by=by), _given(reason)
    if overpayment.state not in PROPOSABLE or not overpayment.left:
        raise OverpaymentRefused(_("Ce trop-perçu est déjà en récupération, ou récupéré."))
    if not 0 < share <= overpayment.left:
        raise OverpaymentRefused(_("La retenue mensuelle doit être positive et ne pas dépasser ce qui reste à récupérer."), "share")
    overpayment.state, overpayment.share, overpayment.decision, overpayment.proposed_by = State.PROPOSED, share, reason, by
    overpayment.decided_by = overpayment.decided_at = None
    overpayment.save(update_fields=["state", "share", "decision", "proposed_by", "decided_by", "decided_at"])
    _record(overpayment, "propose_recovery", reason=reason, on=on, by=by, share=share)
    return overpayment


@transaction.atomic
def decide_recovery(overpayment_id: int, *, accept: bool, reason: str, on: date, by: User) -> Overpayment:
    """A supervisor, other than who proposed it, starts the recovery or gives it up; the same decision twice is one.

    Raises OverpaymentRefused, Forbidden.
    """
    check_role(by, "supervisor")
    overpayment, reason = _locked(overpayment_id, by=by), _given(reason)
    after = State.RECOVERING if accept else State.WAIVED
    if overpayment.state == after:
        return overpayment
    if overpayment.state != State.PROPOSED and not (overpayment.state == State.RECORDED and not accept):
        raise OverpaymentRefused(_("Aucune récupération n’est proposée pour ce trop-perçu."))
    if overpayment.proposed_by_id == by.pk:
        raise Forbidden(_("Une autre personne que celle qui l’a proposée doit décider."))
    others = Overpayment.objects.filter(household=overpayment.household_id, state=State.RECOVERING)
    if accept and others.exists():
        raise OverpaymentRefused(_("Un autre trop-perçu de ce ménage est déjà en récupération : attendez qu’il soit récupéré."))
    Overpayment.objects.filter(pk=overpayment.pk).update(state=after, decision=reason, decided_by=by, decided_at=Now())
    overpayment.refresh_from_db()
    _record(overpayment, "decide_recovery", reason=reason, on=on, by=by, accepted=accept)
    return overpayment


def _locked(overpayment_id: int, *, by: User) -> Overpayment:
    """The household first, then the overpayment: the monthly run waits, or is waited for."""
    household = Household.objects.filter(in_area(by), overpayments=overpayment_id).first()
    if household is None:
        raise Forbidden(_("Ce ménage n’est pas dans votre territoire."))
    Household.objects.select_for_update(of=("self",), no_key=True).get(pk=household.pk)
    return Overpayment.objects.select_for_update(of=("self",)).get(pk=overpayment_id)


def _given(reason: str) -> str:
    if not reason.strip():
        raise OverpaymentRefused(_("Donnez la raison de cette décision : elle sera dite à la famille."), "reason")
    return reason.strip()


def _record(overpayment: Overpayment, verb: str, *, reason: str, on: date, by: User, **details) -> None:
    told = {"month": str(overpayment.month), "left": overpayment.left, "on": str(on)} | details
    audit.record(by=by, verb=verb, household=overpayment.household_id, subject=f"overpayment:{overpayment.pk}", reason=reason, **told)
