"""Doubtful people: who may say who they are, what that makes of them and of their dependants, and how the equation follows."""

import pytest

from enrollment import moved, services
from enrollment.models import MigratedCover, RamedRow
from enrollment.services import RowNotSettled
from rsu.models import AuditEvent
from rsu.permissions import Forbidden

from .ramed_files import NIGHT, as_csv, dependant, migrate, number, principal, receive
from .test_ramed import known

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]


def accept(row, by, idcs="", reason=""):
    return services.accept_row(row.pk, idcs=idcs, reason=reason, on=NIGHT, by=by)


def test_an_idcs_is_corrected_and_those_who_waited_for_this_principal_follow(chaima, salma):
    made = migrate([principal(1, idcs=""), dependant(2, 1), dependant(3, 1, idcs="12"), principal(4)], by=chaima)
    row = RamedRow.objects.get(kind="idcs_missing")
    accept(row, salma, idcs=number(9))
    covers = {one.idcs: one for one in MigratedCover.objects.filter(principal_idcs=number(9))}
    assert set(covers) == {number(9), number(2)}
    assert (covers[number(9)].quality, covers[number(2)].quality, covers[number(9)].name_fr) == ("insured", "dependant", "Hassan Alaoui")
    assert dict(RamedRow.objects.values_list("kind", "settled")) == {
        "idcs_missing": "corrected", "principal_waits": "followed", "idcs_malformed": "",
    }  # fmt: skip
    counts = moved.ramed_counts(made)
    assert (counts.covered, counts.queued, counts.holds) == (3, 1, True)
    accept(RamedRow.objects.get(kind="idcs_malformed"), salma, idcs=number(8))
    assert MigratedCover.objects.get(idcs=number(8)).principal_idcs == number(9)
    event = AuditEvent.objects.filter(verb="ramed.accepted").earliest("id")
    assert event.details["followed"] == 1 and number(9) not in str(event.details)


def test_a_person_known_otherwise_is_accepted_as_they_are(chaima, salma):
    migrate([principal(1, idcs=known(), last_name_fr="Bennani")], by=chaima)
    accept(RamedRow.objects.get(), salma, reason="Nom d’épouse.")
    accept(RamedRow.objects.get(), salma)
    assert MigratedCover.objects.count() == 1
    assert RamedRow.objects.get().settled == "accepted"


@pytest.mark.parametrize(
    ("cells", "idcs", "sentence"),
    [
        ({"idcs": ""}, "", "Donnez l’IDCS"),
        ({"idcs": ""}, "12", "dix chiffres"),
        ({"idcs": ""}, number(5), "déjà été basculée"),
        ({"quality": "ayant droit", "principal": "R0000099", "relation": "enfant", "born_on": "2015"}, number(7), "n’est pas en doute"),
    ],
)
def test_what_settles_nothing_is_refused_beside_its_field(chaima, salma, cells, idcs, sentence):
    migrate([principal(1, **cells), principal(5)], by=chaima)
    with pytest.raises(RowNotSettled, match=sentence) as refused:
        accept(RamedRow.objects.get(), salma, idcs=idcs)
    assert refused.value.field == "idcs"
    assert MigratedCover.objects.count() == 1


def test_of_two_principals_who_claim_a_child_one_has_it(chaima, salma, brahim):
    made = migrate([principal(1), principal(2), dependant(3, 1), dependant(3, 2)], by=chaima)
    first, second = RamedRow.objects.order_by("number")
    accept(second, salma)
    assert MigratedCover.objects.get(idcs=number(3)).principal_idcs == number(2)
    with pytest.raises(RowNotSettled, match="déjà été basculée"):
        accept(first, salma)
    services.reject_row(first.pk, reason="Confié à l’autre parent.", on=NIGHT, by=salma)
    counts = moved.ramed_counts(made)
    assert (counts.covered, counts.refused, counts.queued, counts.holds) == (3, 1, 0, True)
    assert list(moved.refused_rows(made, salma)) == list(moved.refused_rows(made, chaima)) == [first]
    assert not moved.refused_rows(made, brahim)


def test_a_rejection_says_why(chaima, salma):
    migrate([principal(1, idcs="")], by=chaima)
    row = RamedRow.objects.get()
    with pytest.raises(RowNotSettled, match="motif"):
        services.reject_row(row.pk, reason=" ", on=NIGHT, by=salma)
    services.reject_row(row.pk, reason="Décédé.", on=NIGHT, by=salma)
    services.reject_row(row.pk, reason="Décédé.", on=NIGHT, by=salma)
    with pytest.raises(RowNotSettled, match="déjà été réglée"):
        accept(row, salma, idcs=number(9))
    assert AuditEvent.objects.filter(verb="ramed.rejected").count() == 1


def test_nobody_settles_outside_their_area_nor_before_the_end(chaima, salma, amina, yassine):
    migrate([principal(1, idcs="", commune="07.351.01.05"), principal(2, idcs="", commune="")], by=chaima)
    far, nowhere = RamedRow.objects.order_by("number")
    assert list(moved.queue(salma)) == [] and list(moved.queue(chaima)) == [far, nowhere]
    for row in (far, nowhere):
        with pytest.raises(Forbidden, match="territoire"):
            accept(row, salma, idcs=number(9))
    for who in (amina, yassine):
        with pytest.raises(Forbidden):
            accept(far, who, idcs=number(9))
    accept(nowhere, chaima, idcs=number(9))
    receive(as_csv([principal(5)]), by=chaima)
    assert list(moved.queue(chaima)) == [far]
