"""Accounts and agreements: kept by the administrators of the kingdom, with the constraints' own sentences; the law is only read."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from eligibility import services
from eligibility.models import Provision, Run
from rsu.models import Agency, AuditEvent, User
from rsu.permissions import Forbidden
from tests.eligibility.legislating import DAY, propose

pytestmark = pytest.mark.django_db
SIDI_MOUMEN = 6_141_01_53


def new_user(**changes) -> dict:
    return {
        "username": "nouvelle-recrue", "first_name": "Zineb", "last_name": "", "usable_password": "true",
        "password1": "un-mot-de-passe-2026",
        "password2": "un-mot-de-passe-2026", "role": "caseworker", "area_level": "commune", "region": "", "province": "",
        "commune": SIDI_MOUMEN, "language": "ar",
    } | changes  # fmt: skip


def changed(user: User, **changes) -> dict:
    area = {name: getattr(user, f"{name}_id") or "" for name in ("region", "province", "commune")}
    names = ("username", "first_name", "last_name", "email", "role", "area_level", "language")
    return {name: getattr(user, name) for name in names} | area | {"is_active": "on"} | changes


PAGES = [
    "admin:rsu_user_changelist",
    "admin:rsu_agency_changelist",
    "admin:rsu_commune_changelist",
    "admin:eligibility_provision_changelist",
    "admin:eligibility_run_changelist",
    "admin:rsu_user_add",
    "admin:rsu_agency_add",
]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("username", "opens"), [("chaima", True), ("amina", False), ("salma", False), ("yassine", False), ("agency-cnss", False)]
)
def test_only_administrators_of_the_kingdom_come_in(page, username, opens, as_):
    assert (as_(username).get(reverse(page)).status_code == 200) is opens


def test_an_administrator_of_one_region_is_kept_out_though_staff(as_, salma):
    User.objects.filter(pk=salma.pk).update(role="administrator", is_staff=True)
    assert as_("salma").get(reverse("admin:rsu_user_changelist")).status_code == 403


def test_an_account_is_made_with_its_role_and_its_area_and_the_journal_knows(as_, chaima):
    answer = as_("chaima").post(reverse("admin:rsu_user_add"), new_user())
    assert answer.status_code == 302
    made = User.objects.get(username="nouvelle-recrue")
    assert (made.role, made.commune_id, made.is_staff, made.is_superuser) == ("caseworker", SIDI_MOUMEN, False, False)
    assert AuditEvent.objects.get(verb="add_user").by == chaima


@pytest.mark.parametrize(
    "area",
    [
        {"area_level": "commune", "commune": ""},
        {"area_level": "kingdom"},
        {"area_level": "region", "region": 6},
        {"area_level": "nowhere"},
    ],
)
def test_an_area_that_does_not_match_its_level_is_refused_in_words(area, as_):
    answer = as_("chaima").post(reverse("admin:rsu_user_add"), new_user(**area))
    assert answer.status_code == 200
    assert "Le territoire doit correspondre à l’étendue choisie" in answer.content.decode()
    assert not User.objects.filter(username="nouvelle-recrue").exists()


def test_the_database_refuses_that_area_too(amina):
    with pytest.raises(IntegrityError, match="user_area_matches_level"), transaction.atomic():
        User.objects.filter(pk=amina.pk).update(area_level="kingdom")


@pytest.mark.parametrize("smuggled", [{"role": "engine"}, {"role": "minister"}])
def test_nobody_is_given_the_engine_s_role(smuggled, as_):
    assert as_("chaima").post(reverse("admin:rsu_user_add"), new_user(**smuggled)).status_code == 200
    assert not User.objects.filter(username="nouvelle-recrue").exists()


def test_nobody_becomes_superuser_here(as_, amina):
    sent = changed(amina, is_superuser="on", is_staff="on", first_name="Amina B.")
    assert as_("chaima").post(reverse("admin:rsu_user_change", args=[amina.pk]), sent).status_code == 302
    amina.refresh_from_db()
    assert (amina.first_name, amina.is_superuser, amina.is_staff) == ("Amina B.", False, False)


def test_who_becomes_administrator_of_the_kingdom_opens_these_pages_and_loses_them_with_the_role(as_, salma):
    client = as_("chaima")
    address = reverse("admin:rsu_user_change", args=[salma.pk])
    client.post(address, changed(salma, role="administrator", area_level="kingdom", province=""))
    salma.refresh_from_db()
    assert salma.is_staff
    client.post(address, changed(salma, role="auditor"))
    salma.refresh_from_db()
    assert not salma.is_staff


def test_nothing_is_deleted(as_, amina):
    answer = as_("chaima").post(reverse("admin:rsu_user_delete", args=[amina.pk]), {"post": "yes"})
    assert answer.status_code == 403
    assert User.objects.filter(pk=amina.pk).exists()


def test_an_agreement_needs_an_account_of_an_agency_and_a_period_that_goes_forward(as_, amina):
    partner = User.objects.create(username="agency-test", role="agency", area_level="kingdom")
    sent = {"user": amina.pk, "code": "essai", "name_fr": "Essai", "name_ar": "تجربة", "programs": ["direct_aid"],
            "attributes": "score,size", "purposes": "enrollment", "since": "2026-01-01", "until": "2026-01-01"}  # fmt: skip
    answer = as_("chaima").post(reverse("admin:rsu_agency_add"), sent)
    errors = answer.context["adminform"].form.errors
    assert {"user", "until"} <= set(errors)
    answer = as_("chaima").post(reverse("admin:rsu_agency_add"), sent | {"user": partner.pk, "until": "2027-01-01"})
    assert answer.status_code == 302
    made = Agency.objects.get(code="essai")
    assert (made.programs, made.attributes, made.purposes) == (["direct_aid"], ["score", "size"], ["enrollment"])


def test_the_database_refuses_an_agreement_that_ends_before_it_starts():
    with pytest.raises(IntegrityError, match="agency_period_forward"), transaction.atomic():
        Agency.objects.filter(code="cnss").update(until=date(2020, 1, 1))


def test_the_law_and_the_runs_are_read_and_never_changed_here(as_, chaima):
    client = as_("chaima")
    row = Provision.objects.first()
    run = Run.objects.create(kind="time", on=date(2026, 11, 22), by=chaima)
    for model, subject in (("provision", row), ("run", run)):
        address = reverse(f"admin:eligibility_{model}_change", args=[subject.pk])
        assert client.get(address).status_code == 200
        assert client.post(address, {}).status_code == 403
        assert client.get(reverse(f"admin:eligibility_{model}_add")).status_code == 403


def test_an_account_made_by_the_one_who_proposes_cannot_sign_for_it(client, chaima, driss):
    client.force_login(chaima)
    fields = {"username": "complice", "role": "administrator", "area_level": "kingdom", "language": "fr"}
    client.post(
        "/admin/rsu/user/add/", fields | {"usable_password": "true", "password1": "un-long-secret-7", "password2": "un-long-secret-7"}
    )
    complice = User.objects.get(username="complice")
    proposal = propose(98_000_000)
    with pytest.raises(Forbidden, match="même garant"):
        services.approve_proposal(proposal.pk, on=DAY, by=complice)
    services.approve_proposal(proposal.pk, on=DAY, by=driss)


def test_who_resets_anothers_password_can_no_longer_be_countersigned_by_that_account(client, chaima, driss):
    client.force_login(chaima)
    answer = client.post(
        f"/admin/rsu/user/{driss.pk}/password/",
        {"usable_password": "true", "password1": "un-long-secret-7", "password2": "un-long-secret-7"},
    )
    assert answer.status_code == 302
    driss.refresh_from_db()
    assert driss.vouched_by == chaima
    with pytest.raises(Forbidden, match="même garant"):
        services.approve_proposal(propose(98_000_000).pk, on=DAY, by=driss)


def test_changing_ones_own_password_changes_no_guarantor(client, chaima):
    client.force_login(chaima)
    client.post(
        f"/admin/rsu/user/{chaima.pk}/password/",
        {"usable_password": "true", "password1": "un-long-secret-7", "password2": "un-long-secret-7"},
    )
    chaima.refresh_from_db()
    assert chaima.vouched_by is None and chaima.check_password("un-long-secret-7")
