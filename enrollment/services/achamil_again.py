"""An end or a refusal of AMO ACHAMIL contested and undone: cover without a gap where rights ran, the waiting where they were awaited.

What was decided stays written; another adhesion takes over, its contributions from the month after the last one called.
"""

from datetime import date

from django.db.models import Max
from django.utils.translation import gettext as _

import eligibility.queries
import households.services
from eligibility.models import OPEN
from eligibility.queries import law as law_of
from households.models import Household
from rsu.authentication import engine
from rsu.months import first_of_next_month

from ..lifecycle import HOLDING
from ..models import Adhesion, Appeal, Enrollment
from ..units import Family
from .achamil import COVER, call_contributions, check_joinable, joining_family, propose_unit, quality
from .moves import NotEnrollable
from .restoring import Restored, determine_again, restore_cover

Status = Enrollment.Status


def restore_achamil(appeal: Appeal, household: Household, *, since: date, on: date) -> Restored:
    """Undo the contested decision for whoever of its people may still join; the household is locked, and determined up to `on`.

    Who works, is given AMO-TADAMON by the score, or insures nobody any more hinders it, as he would hinder joining. The score is read
    again with the cover given back, so that what it costs the family is seen with it.
    """
    decided = list(Enrollment.objects.filter(pk__in=appeal.enrollments).select_related("unit").order_by("id"))
    left = Adhesion.objects.filter(enrollment__in=decided).first()
    try:
        family = _family(household, decided, left, on=on)
    except NotEnrollable as refusal:
        return Restored(COVER, hindrances=[str(refusal)])
    if appeal.decided_as == Status.REFUSED and left is not None:
        restored = _await_again(household, family, left, on=on)
    else:
        restored = _cover_again(household, family, decided, left, since=since, on=on)
    call_contributions(on=on, by=engine(), household_id=household.pk)
    determine_again(household, since=on, on=on)
    return restored


def _family(household: Household, decided: list[Enrollment], left: Adhesion | None, *, on: date) -> Family:
    law, unit = law_of(on), decided[0].unit
    family = joining_family(household, unit.insured_id, on=on, law=law)
    if left is not None:
        check_joinable(eligibility.queries.standing(household, on=on), family, law)
    elif not unit.enrollments.filter(program=COVER, idcs=unit.insured_idcs, status__in=HOLDING).exists():
        raise NotEnrollable(_("Un ayant droit n’est couvert qu’avec l’assuré de son unité : acceptez-les ensemble."))
    return family


def _cover_again(
    household: Household, family: Family, decided: list[Enrollment], left: Adhesion | None, *, since: date, on: date
) -> Restored:  # fmt: skip
    """From the day the cover stopped, or a later one that the decider chose; what was called and not paid stays due where it was."""
    opened = restore_cover(household, COVER, [family], [(since, OPEN)], only=[one.idcs for one in decided])
    running = {one.idcs: one for one in opened if one.status == Status.ACTIVE}
    if left is not None and (insured := running.get(family.insured.idcs)):
        Adhesion.objects.create(
            enrollment=insured, joined_on=left.joined_on, first_month=_next_month(left), waiting_months=left.waiting_months,
            rights_on=insured.since,
        )  # fmt: skip
    covers = {one.member_id: (COVER, quality(one)) for one in running.values()}
    households.services.set_covers(household_id=household.pk, covers=covers, on=on, by=engine())
    return Restored(COVER, opened)


def _await_again(household: Household, family: Family, left: Adhesion, *, on: date) -> Restored:
    """The months already paid count in the waiting; those called and not paid are paid to the adhesion that goes on."""
    rows = propose_unit(household, family, by=engine())
    paid = left.contributions.filter(paid_on__isnull=False).count()
    waiting = max(0, left.waiting_months - paid)
    adhesion = Adhesion.objects.create(
        enrollment=rows[0], joined_on=left.joined_on, first_month=_next_month(left), waiting_months=waiting,
        rights_on=left.rights_on or (None if waiting else on),
    )  # fmt: skip
    left.contributions.filter(paid_on=None).update(adhesion=adhesion)
    return Restored(
        COVER, rows, hindrances=[_("L’adhésion reprend : ses droits s’ouvrent quand les mois de cotisation demandés sont payés.")]
    )


def _next_month(left: Adhesion) -> date:
    last = left.contributions.aggregate(month=Max("month"))["month"]
    return first_of_next_month(last) if last else left.first_month
