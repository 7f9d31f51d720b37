"""What was suspended runs again, what waited is looked at: each by a person, for a reason."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now
from django.utils.translation import gettext as _

from households.models import Household
from rsu import audit
from rsu.models import User

from ..models import Enrollment, Hold, Suspension
from ..permissions import check_decide
from .moves import NotEnrollable, move


@transaction.atomic
def resume_enrollments(ids: Iterable[int], *, reason: str, on: date, by: User) -> list[Enrollment]:
    """Suspended enrollments of one household and program run again from `on`; those that run are left as they are.

    Raises NotEnrollable, Forbidden.
    """
    ids = list(ids)
    owners = Household.objects.filter(enrollments__in=ids).distinct().order_by("pk")
    households = list(Household.objects.filter(pk__in=[one.pk for one in owners]).order_by("pk").select_for_update(no_key=True))
    if len(households) != 1:
        raise NotEnrollable(_("Choisissez au moins une inscription, toutes d’un même ménage et d’un même programme."))
    check_decide(by, households[0])
    if not reason.strip():
        raise NotEnrollable(_("Donnez le motif : la famille doit pouvoir le lire."))
    rows = list(Enrollment.objects.filter(pk__in=ids).order_by("id").select_for_update(of=("self",), no_key=True))
    suspended = [one for one in rows if one.status != Enrollment.Status.ACTIVE]
    if any(one.status != Enrollment.Status.SUSPENDED for one in suspended):
        raise NotEnrollable(_("Seule une inscription suspendue peut reprendre."))
    if suspended:
        keys = [one.pk for one in suspended]
        Suspension.objects.filter(enrollment__in=keys, until__gt=on).update(until=Greatest(F("since"), on))
        move(suspended, Enrollment.Status.ACTIVE, by=by, reason=reason.strip())
        Hold.objects.filter(enrollment__in=keys, settled_at=None).update(settled_at=Now(), settled_by=by)
        audit.record(
            by=by, verb="resume_enrollment", household=households[0], subject=f"program:{suspended[0].program}", reason=reason.strip(),
            enrollments=keys,
        )  # fmt: skip
    return rows


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
