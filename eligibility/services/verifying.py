"""A loss inside the borderline band is confirmed by a supervisor; the other way out is a declaration that corrects the answers."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from rsu import audit
from rsu.authentication import engine
from rsu.models import User
from rsu.outbox import send

from .. import queries, runs
from ..determinations import determine
from ..models import DeterminationColumns, HeldLoss, Program
from ..permissions import check_confirm_loss
from ..programs import programs_in_force
from ..scope import Scope
from .assessing import assess_due


class LossNotHeld(Exception):
    """The loss waits no longer, or its reason is missing: a sentence for the screen."""


@dataclass(frozen=True)
class Confirmation:
    """A confirmed loss, with who confirmed it, why and when; `already`: it was before, and the reason given now is not kept."""

    loss: HeldLoss
    already: bool


def confirm_loss(loss_id: int, *, reason: str, on: date, by: User) -> Confirmation:
    """The answers were verified and stand: the right is lost on `on`, and its months of grace, if any, begin that day.

    Answers that were declared meanwhile are read first, and the loss must still wait after them. Confirmed twice, by one
    supervisor or by two, it is confirmed once. Raises Forbidden or LossNotHeld.
    """
    if not reason.strip():
        raise LossNotHeld(_("Dites ce qui a été vérifié : la famille peut le lire."))
    household = HeldLoss.objects.select_related("household").get(pk=loss_id).household
    check_confirm_loss(by, household)
    assess_due(household.pk, on=on, by=engine())
    return _confirm(loss_id, household.pk, reason=reason.strip(), on=on, by=by)


@transaction.atomic
def _confirm(loss_id: int, household_id: int, *, reason: str, on: date, by: User) -> Confirmation:
    runs.lock_law_for_reading()
    runs.lock_households([household_id])
    loss = HeldLoss.objects.select_related("settled_by").get(pk=loss_id)
    if loss.outcome == HeldLoss.Outcome.CONFIRMED:
        return Confirmation(loss, already=True)
    if loss.outcome or not _lose(loss, on=on):
        raise LossNotHeld(_("L’indice du ménage a changé : cette perte n’attend plus de vérification."))
    _settle(loss, reason=reason, by=by)
    told = {"program": loss.program, "on": str(on), "score": loss.score}
    audit.record(by=by, verb="confirm_loss", household=household_id, subject=f"loss:{loss.pk}", reason=reason, **told)
    send("enrollment.propose_due")
    return Confirmation(loss, already=False)


def _lose(loss: HeldLoss, *, on: date) -> bool:
    """Whether the household's right closed: a line that moved or went since may have given it back."""
    law, program = queries.law(on), Program(loss.program)
    if program not in programs_in_force(law):
        return False
    reason = DeterminationColumns.Reason.VERIFIED
    flips = determine(Scope([loss.household_id]), program=program, law=law, run_id=None, reason=reason, verified=True)
    return loss.household_id in flips.changed


def _settle(loss: HeldLoss, *, reason: str, by: User) -> None:
    """The engine has just settled it as it does whatever is over: who confirmed it and why is written over that."""
    loss.refresh_from_db()
    loss.outcome, loss.settled_by, loss.reason = HeldLoss.Outcome.CONFIRMED, by, reason
    loss.save(update_fields=["outcome", "settled_by", "reason"])
