"""What waited for a visit or for papers is looked at."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from rsu import audit
from rsu.models import User

from ..models import Hold
from ..permissions import check_decide
from .moves import NotEnrollable


def settle_holds(enrollments: Iterable[int], *, by: User) -> None:
    """These enrollments wait for nothing any more."""
    Hold.objects.filter(enrollment__in=list(enrollments), settled_at=None).update(settled_at=Now(), settled_by=by)


@transaction.atomic
def settle_hold(hold_id: int, *, outcome: str, on: date, by: User) -> Hold:
    """What the visit or the papers showed: the enrollment waits no longer for them and is decided as any other. Raises Forbidden."""
    hold = Hold.objects.select_for_update(of=("self",)).select_related("enrollment__household").get(pk=hold_id)
    household = hold.enrollment.household
    check_decide(by, household)
    if not outcome.strip():
        raise NotEnrollable(_("Dites ce qui a été constaté."))
    if hold.settled_at is None:
        Hold.objects.filter(pk=hold.pk).update(settled_at=Now(), settled_by=by, outcome=outcome.strip())
        audit.record(by=by, verb="hold.settled", household=household, subject=f"enrollment:{hold.enrollment_id}", reason=outcome.strip())
        hold.refresh_from_db()
    return hold
