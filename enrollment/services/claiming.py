"""The birth grant: claimed by the family within the months that the law gives, for the mother's first and second delivery."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from eligibility.models import Provision
from eligibility.queries import law as law_of
from households.models import Household, Member
from rsu import audit
from rsu.models import User
from rsu.wording import day

from ..models import AllowanceLine, BirthClaim, DueLine, Enrollment
from ..permissions import check_decide
from ..phrases import source

GRANT = "direct_aid.birth_grant"
RUNNING = (Enrollment.Status.ACTIVE, Enrollment.Status.IN_REVIEW)


class ClaimRefused(Exception):
    """The grant cannot be given; `field` is the answer at fault, the message a sentence for the screen."""

    def __init__(self, message: str, field: str = ""):
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Delivery:
    """One delivery of a mother as the registry knows it: those born that day, twins together; `refusal` says why no grant is due."""

    mother: Member
    born_on: date
    children: list[Member]
    number: int
    amount: int
    refusal: str


def deliveries_of(household: Household, *, before: int | None = None, on: date) -> list[Delivery]:
    """Every delivery of the household's mothers, newest first. Children who live elsewhere or died are not in the registry:
    `before` is how many deliveries the mother says came before the one claimed, when she knows better.
    """
    law = law_of(on)
    if not law.has(GRANT):
        return []
    grant, born = law.value(GRANT), {}
    first = Provision.objects.filter(key=GRANT, since__lte=on, value__isnull=False).order_by("since", "id")[0]
    children = Member.objects.filter(mother__household=household).select_related("mother").order_by("mother_id", "born_on", "position")
    for child in children:
        born.setdefault(child.mother, {}).setdefault(child.born_on, []).append(child)
    claimed = set(BirthClaim.objects.filter(mother_idcs__in=[mother.idcs for mother in born]).values_list("mother_idcs", "delivered_on"))
    found = []
    for mother, days in born.items():
        for number, (born_on, group) in enumerate(days.items(), start=1):
            number = number if before is None else max(number, before + 1)
            amount = {1: grant["first_delivery"], 2: grant["second_delivery"]}.get(number, 0)
            last = months_after(born_on, grant["claim_months"])
            refusal = _refusal(mother, born_on, number, claimed=claimed, first=first, last=last, on=on)
            found.append(Delivery(mother, born_on, group, number, amount, refusal))
    return sorted(found, key=lambda one: one.born_on, reverse=True)


def _refusal(mother: Member, born_on: date, number: int, *, claimed: set, first: Provision, last: date, on: date) -> str:
    """`first` is the provision that began the grant: a delivery before it gives none, and counts among the mother's."""
    if (mother.idcs, born_on) in claimed:
        return _("La prime de cet accouchement a déjà été demandée.")
    if born_on < first.since:
        sentence = _(
            "La prime est donnée pour les accouchements depuis le %(day)s (%(source)s) : celui-ci est antérieur et ne fait que compter parmi "
            "ceux de la mère."
        )
        return sentence % {"day": day(first.since), "source": source(first.source)}
    if number > 2:
        return _("La prime est donnée au premier et au deuxième accouchement : celui-ci est le %(n)d.") % {"n": number}
    if on > last:
        return _("La prime devait être demandée au plus tard le %(day)s.") % {"day": day(last)}
    return ""


def months_after(born_on: date, months: int) -> date:
    """The same day that many months later, or the last of a shorter month."""
    year, month = divmod(born_on.month - 1 + months, 12)
    year, month = born_on.year + year, month + 1
    return date(year, month, min(born_on.day, monthrange(year, month)[1]))


@transaction.atomic
def claim_birth_grant(*, household: Household, mother_id: int, born_on: date, before: int, on: date, by: User) -> BirthClaim:
    """Claim the grant of one delivery, paid with the month of the claim; `before` is how many deliveries the mother had before it,
    those before the scheme and those of children no longer here included. Raises ClaimRefused, Forbidden.
    """
    check_decide(by, household)
    Household.objects.select_for_update(of=("self",), no_key=True).get(pk=household.pk)
    delivery = next(
        (one for one in deliveries_of(household, before=before, on=on) if one.mother.pk == mother_id and one.born_on == born_on), None
    )
    if delivery is None:
        raise ClaimRefused(_("Aucun enfant de cette mère n’est enregistré à cette date de naissance."), "delivery")
    known = next(one for one in deliveries_of(household, on=on) if one.mother.pk == mother_id and one.born_on == born_on)
    if before < known.number - 1:
        sentence = _("Le registre connaît déjà %(n)d accouchements de cette mère avant celui-ci.") % {"n": known.number - 1}
        raise ClaimRefused(sentence, "before")
    if delivery.refusal:
        raise ClaimRefused(delivery.refusal, "delivery")
    if not household.enrollments.filter(program="direct_aid", status__in=RUNNING, since__lte=on, until__gt=on).exists():
        raise ClaimRefused(_("Ce ménage ne reçoit pas l’aide sociale directe : la prime n’est donnée qu’à qui y a droit."))
    return _write(household, delivery, on=on, by=by)


def _write(household: Household, delivery: Delivery, *, on: date, by: User) -> BirthClaim:
    line = DueLine.objects.create(
        household=household, belongs_to=on.replace(day=1), kind=AllowanceLine.Kind.BIRTH_GRANT, member=delivery.children[0],
        amount=delivery.amount, provision_id=law_of(on).cite(GRANT).id,
    )  # fmt: skip
    try:
        with transaction.atomic():
            claim = BirthClaim.objects.create(
                household=household, mother_idcs=delivery.mother.idcs, delivered_on=delivery.born_on, delivery=delivery.number,
                child=delivery.children[0], line=line, claimed_on=on, by=by,
            )  # fmt: skip
    except IntegrityError as error:
        raise ClaimRefused(_("La prime de cet accouchement a déjà été demandée."), "delivery") from error
    audit.record(
        by=by, verb="claim_birth_grant", household=household, subject=f"claim:{claim.pk}", delivery=delivery.number,
        born_on=str(delivery.born_on), amount=delivery.amount, on=str(on),
    )  # fmt: skip
    return claim
