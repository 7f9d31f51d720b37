"""People directed to the scheme of their work, followed until it covers them; moving from one cover to another without a lost or a double day."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.models import OPEN
from households.models import Household, Member
from rsu import audit
from rsu.models import User
from rsu.wording import day

from ..lifecycle import MoveRefused, check_direction_move
from ..models import SCHEMES, CoverWatch, Direction, DirectionMove
from ..permissions import check_decide
from .covering import follow_households

State = Direction.State
WAITING = (State.DIRECTED, State.APPLIED)
EMPLOYEES, SELF_EMPLOYED, PUBLIC = "amo_employee", "amo_self_employed", "amo_public"
BY_STATUS = {
    "employee_public": PUBLIC, "employee_private": EMPLOYEES, "apprentice": EMPLOYEES, "employer": SELF_EMPLOYED,
    "self_employed": SELF_EMPLOYED, "family_worker": SELF_EMPLOYED, "cooperative_member": SELF_EMPLOYED, "other": SELF_EMPLOYED,
}  # fmt: skip
"""The scheme of each status in employment; family workers and members of cooperatives: this registry's reading."""


class NotDirectable(Exception):
    """The person cannot be directed, or the step cannot be taken; the message is a sentence for the screen."""


def scheme_of(member: Member, law) -> str | None:
    """The scheme that a person's activity belongs to; None for whoever has none."""
    key = "amo_achamil.excluded_situations"
    if not law.has(key) or member.situation not in law.value(key):
        return None
    return BY_STATUS.get(member.work_status, SELF_EMPLOYED)


@transaction.atomic
def direct(*, member_id: int, scheme: str, note: str = "", on: date, by: User) -> Direction:
    """Direct somebody to a scheme; directed there already, the same direction. Raises Forbidden, NotDirectable."""
    member = Member.objects.select_related("household").get(pk=member_id)
    household = _locked(member.household_id)
    check_decide(by, household)
    _check_scheme(scheme)
    if (waiting := Direction.objects.filter(idcs=member.idcs, state__in=WAITING).first()) is not None:
        if waiting.scheme == scheme:
            return waiting
        words = {"name": member, "scheme": waiting.get_scheme_display()}
        raise NotDirectable(_("%(name)s est déjà orienté(e) vers : %(scheme)s. Suivez d’abord cette démarche.") % words)
    direction = Direction(household=household, member=member, idcs=member.idcs, scheme=scheme, directed_on=on)
    _move(direction, State.DIRECTED, on=on, by=by, note=note)
    return direction


@transaction.atomic
def advance(*, direction_id: int, state: str, reference: str = "", note: str = "", on: date, by: User) -> Direction:
    """The application made, or refused by the scheme. Raises Forbidden, NotDirectable."""
    direction = _of(direction_id, by)
    if direction.state == state:
        return direction
    if state == State.REFUSED and not note.strip():
        raise NotDirectable(_("Donnez le motif du refus : la famille doit pouvoir le lire."))
    if state not in (State.APPLIED, State.REFUSED):
        raise NotDirectable(_("Cette étape demande le premier ou le dernier jour de la couverture."))
    direction.reference = reference.strip() or direction.reference
    _move(direction, state, on=on, by=by, note=note)
    return direction


@transaction.atomic
def confirm_direction(*, idcs: str, scheme: str, since: date, reference: str = "", on: date, by: User) -> Direction:
    """Another compulsory cover is known to run from `since`: AMO-TADAMON or ACHAMIL ends on its eve, those covered through the person
    move to another unit the same day. Confirmed twice, confirmed once. A partner's feed calls this as the engine.

    Raises Forbidden, NotDirectable.
    """
    member = Member.objects.filter(idcs=idcs).first()
    if member is None:
        raise NotDirectable(_("Cette personne n’est dans aucun ménage enregistré."))
    household = _locked(member.household_id)
    if by.role != User.Role.ENGINE:
        check_decide(by, household)
    _check_scheme(scheme)
    known = Direction.objects.filter(idcs=idcs, state__in=(State.CONFIRMED, State.ENDED), until__gt=since).order_by("since").first()
    if known and known.scheme == scheme and known.state == State.CONFIRMED and known.since == since:
        return known
    if known:
        words = {"scheme": known.get_scheme_display(), "day": day(known.since)}
        raise NotDirectable(_("Une autre couverture est déjà connue sur cette période : %(scheme)s, depuis le %(day)s.") % words)
    direction = Direction.objects.filter(idcs=idcs, state__in=WAITING).first()
    if direction is None:
        direction = Direction(idcs=idcs, directed_on=on)
    direction.household, direction.member, direction.scheme, direction.since = household, member, scheme, since
    direction.reference = reference.strip() or direction.reference
    _move(direction, State.CONFIRMED, on=on, by=by, note="")
    _follow(household, on=on, by=by)
    return direction


@transaction.atomic
def end_direction(*, idcs: str, scheme: str, until: date, on: date, by: User) -> Direction:
    """The other cover ends, `until` being the first day without it: where the household is entitled, AMO-TADAMON opens that very day.

    Raises Forbidden, NotDirectable.
    """
    direction = Direction.objects.filter(idcs=idcs, scheme=scheme, state__in=(State.CONFIRMED, State.ENDED)).order_by("-since").first()
    if direction is None:
        raise NotDirectable(_("Cette couverture n’est pas confirmée : rien ne peut y mettre fin."))
    member = Member.objects.filter(idcs=idcs).first()
    household = _locked(member.household_id if member else direction.household_id)
    if by.role != User.Role.ENGINE:
        check_decide(by, household)
    if direction.state == State.ENDED and direction.until == until:
        return direction
    if until <= direction.since:
        raise NotDirectable(
            _("Le dernier jour vient après le premier : cette couverture court depuis le %(day)s.") % {"day": day(direction.since)}
        )
    direction.until = until
    _move(direction, State.ENDED, on=on, by=by, note="")
    _follow(household, on=on, by=by)
    return direction


def _follow(household: Household, *, on: date, by: User) -> None:
    """At once where the day has come; a day ahead waits in the night's index."""
    CoverWatch.objects.get_or_create(household=household, defaults={"followed_on": on})
    follow_households([household.pk], on=on, by=by)


def _locked(household_id: int) -> Household:
    return Household.objects.select_for_update(of=("self",), no_key=True).get(pk=household_id)


def _of(direction_id: int, by: User) -> Direction:
    household_id = Direction.objects.values_list("household_id", flat=True).get(pk=direction_id)
    check_decide(by, _locked(household_id))
    return Direction.objects.select_for_update(of=("self",), no_key=True).get(pk=direction_id)


def _check_scheme(scheme: str) -> None:
    if scheme not in dict(SCHEMES):
        raise NotDirectable(_("Choisissez un régime de la liste."))


def _move(direction: Direction, after: str, *, on: date, by: User, note: str) -> None:
    before = direction.state
    try:
        check_direction_move(before, after, by.role)
    except MoveRefused as refusal:
        words = {"before": direction.get_state_display(), "after": State(after).label}
        raise NotDirectable(_("Une orientation « %(before)s » ne peut pas devenir « %(after)s ».") % words) from refusal
    direction.state = after
    direction.save()
    DirectionMove.objects.create(direction=direction, before=before, after=after, on_day=on, by=by, note=note.strip())
    audit.record(
        by=by, verb="direction.moved", household=direction.household, subject=f"direction:{direction.pk}", reason=note.strip(),
        before=before, after=after, scheme=direction.scheme, since=str(direction.since or ""), until="" if direction.until == OPEN else str(direction.until),
    )  # fmt: skip
