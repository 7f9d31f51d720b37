"""Members without health cover: who, why, and what can be done for each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

import enrollment.queries
from eligibility.law import Law
from eligibility.models import Program
from eligibility.programs import Standing
from enrollment.models import Enrollment
from enrollment.units import NO_INSURED, OTHER_COVER, PERMIT_ENDED, Rules, is_dependent, person
from households.models import Household, Member

WORKING = "amo_achamil.excluded_situations"


@dataclass(frozen=True)
class Uncovered:
    """`enrollment` is the decision that would cover the person, when one waits."""

    member: Member
    why: str
    advice: str
    enrollment: Enrollment | None = None


def uncovered(household: Household, enrollments: Iterable[Enrollment], standing: Standing, *, on: date, law: Law) -> list[Uncovered]:
    """In the order declared; `enrollments` are all the household's."""
    members = enrollment.queries.members_without_cover(household, on=on, law=law)
    if not members:
        return []
    right = standing.by_program.get(Program.AMO_TADAMON.value)
    of_person = {one.idcs: one for one in reversed(list(enrollments)) if one.program == Program.AMO_TADAMON}
    asides = {aside.person.id: aside.reason for aside in enrollment.queries.sorted_members(household, on, law).aside}
    entitled = bool(right and right.entitled)
    return [_told(member, of_person.get(member.idcs), asides.get(member.pk), entitled=entitled, on=on, law=law) for member in members]


def _told(member: Member, last: Enrollment | None, aside: str | None, *, entitled: bool, on: date, law: Law) -> Uncovered:
    if not entitled:
        return Uncovered(member, _("L’indice du ménage ne donne pas l’AMO-TADAMON."), _elsewhere(member, law, on=on))
    if aside:
        return Uncovered(member, *_set_aside(aside))
    if last and last.status == Enrollment.Status.PROPOSED:
        return Uncovered(member, _("Une inscription est proposée et attend une décision."), _("Décider de l’inscription."), last)
    if last and last.status == Enrollment.Status.REFUSED:
        advice = _("Si le motif n’existe plus, faites une mise à jour des réponses : une nouvelle proposition suivra.")
        return Uncovered(member, _("L’inscription proposée a été refusée."), advice)
    if last and last.status == Enrollment.Status.ENDED:
        advice = _("Déclarez sa nouvelle couverture si elle existe, par une mise à jour des réponses.")
        return Uncovered(member, _("Son inscription a pris fin."), advice)
    advice = _("La proposition se fait d’elle-même dans l’instant ; sinon, vérifiez s’il est couvert dans un autre ménage.")
    return Uncovered(member, _("Le droit est ouvert et aucune inscription n’est encore proposée."), advice)


def _elsewhere(member: Member, law: Law, *, on: date) -> str:
    """Whoever works belongs to the scheme of his work; children go with a covered parent; the others may contribute by themselves."""
    if law.has(WORKING) and member.situation in law.value(WORKING):
        return _("Il ou elle travaille : rattachement au régime des salariés ou des travailleurs non salariés.")
    if _depends(member, law, on=on):
        return _("Enfant à charge : rattachement à la couverture d’un parent assuré. Déclarez ensuite cette couverture.")
    return _("Sans activité : adhésion à l’AMO ACHAMIL, ou rattachement à un proche assuré. Déclarez ensuite cette couverture.")


def _depends(member: Member, law: Law, *, on: date) -> bool:
    """A minor, or somebody living with a parent whom age, studies or disability keep in that parent's charge."""
    one, rules = person(member, on), Rules.of(law)
    return one.age < rules.adult_age or (bool(one.mother_id or one.father_id) and is_dependent(one, rules))


def _set_aside(reason: str) -> tuple[str, str]:
    return {
        OTHER_COVER: (_("A une autre couverture obligatoire."), _("Déclarez cette couverture par une mise à jour des réponses.")),
        PERMIT_ENDED: (_("Son titre de séjour n’est plus valable."), _("Déclarez le nouveau titre dès qu’il est délivré.")),
        NO_INSURED: (
            _("Dépend de proches qui sont couverts ailleurs."),
            _("Rattachement à la couverture de ce proche, puis déclaration de cette couverture."),
        ),
    }[reason]
