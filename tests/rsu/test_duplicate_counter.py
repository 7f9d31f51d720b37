"""At the counter: who may be recorded twice and why, what a caseworker says of it, and an IDCS that two claim."""

import uuid

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from eligibility.queries import law as law_of
from households import services
from households.duplicates import pairs
from households.models import DuplicatePair, Member, Request
from rsu import wording
from rsu.models import AuditEvent, Commune, User
from tests.households.families import BOY, GUELIZ, HEAD, MAN, OTHER, WOMAN, town
from tests.rsu.doubles import (
    ALONE,
    NUMBERS,
    TODAY,
    family,
    households_pair,
    people_pair,
    register,
    twin,
)


@pytest.fixture
def household(amina):
    return register(amina, town())


class TestAtTheCounter:
    @pytest.fixture
    def draft(self, household, amina):
        answers = family(twin(ALONE, NUMBERS[0], key="a1"))
        return services.save_draft(token=uuid.uuid4(), answers=answers, by=amina, on=TODAY)

    def person(self, draft) -> str:
        return reverse("households:person", args=[draft.token, "a1"])

    @pytest.mark.parametrize("page", ["person", "members", "summary"])
    def test_whoever_looks_like_somebody_is_shown_with_why(self, draft, household, client, amina, page):
        client.force_login(amina)
        urls = {
            "person": self.person(draft),
            "members": reverse("households:draft", args=[draft.token, "members"]),
            "summary": reverse("households:summary", args=[draft.token]),
        }
        text = client.get(urls[page]).content.decode()
        assert reverse("desk:household", args=[household.code]) in text
        for why in ("même nom de famille, écrit autrement", "même prénom", "même date de naissance", "même commune", "même téléphone"):
            assert why in text

    def test_what_is_being_typed_is_met_and_not_kept(self, draft, household, client, amina):
        client.force_login(amina)
        typed = {"first_name_fr": "Fatma", "last_name_fr": "Idrissi", "sex": "female", "birth_year": "1985"}
        answer = client.post(reverse("households:alike", args=[draft.token, "a1"]), typed)
        assert "même nom de famille" in answer.content.decode()
        draft.refresh_from_db()
        assert draft.answers["members"][0]["first_name_fr"] == "Said"

    def test_whoever_is_shown_somebody_stands_once_among_the_readers_of_the_family(self, draft, household, client, amina, salma):
        client.force_login(amina)
        head = household.members.get(idcs=HEAD)
        for _time in range(2):
            client.get(self.person(draft))
            client.get(reverse("households:summary", args=[draft.token]))
        met = AuditEvent.objects.filter(verb="met_household", household_id=household.pk)
        assert [(one.by, one.subject, one.details) for one in met] == [(amina, f"request:{draft.pk}", {"member": head.pk})]
        typed = {"first_name_fr": "Fatma", "last_name_fr": "Idrissi", "sex": "female", "birth_year": "1985"}
        for _time in range(2):
            client.post(reverse("households:alike", args=[draft.token, "a1"]), typed)
        wife = household.members.get(relation="spouse")
        assert sorted(one.details["member"] for one in met.all()) == sorted([head.pk, wife.pk])
        client.force_login(salma)
        rows = client.get(reverse("desk:readers", args=[household.code])).context["rows"]
        assert [(row["by"], row["times"]) for row in rows] == [(amina, 2)]

    def test_who_looks_like_nobody_leaves_no_trace(self, household, client, amina):
        stranger = twin(ALONE, NUMBERS[0], key="a1", first_name_fr="Driss", last_name_fr="Zemmouri", birth_year=1950)
        draft = services.save_draft(token=uuid.uuid4(), answers=family(stranger, phone=""), by=amina, on=TODAY)
        client.force_login(amina)
        client.get(self.person(draft))
        assert not AuditEvent.objects.filter(verb="met_household").exists()

    def test_one_click_sets_them_apart_and_what_was_typed_stays(self, draft, household, client, amina):
        client.force_login(amina)
        head = household.members.get(idcs=HEAD)
        form = {"not_same": f"a1:{head.pk}", "person": "a1", "first_name_fr": "Said", "last_name_fr": "El Alaoui", "occupation": "forgeron"}
        form |= {"birth_year": "1981", "birth_month": "3", "birth_day": "5", "sex": "male"}
        assert client.post(reverse("households:not_same", args=[draft.token]), form).status_code == 302
        draft.refresh_from_db()
        assert (draft.answers["not_same"], draft.answers["members"][0]["occupation"]) == ([f"a1:{head.pk}"], "forgeron")
        assert "même date de naissance" not in client.get(self.person(draft)).content.decode()

    def test_it_never_blocks(self, draft, amina):
        assert register(amina, draft.answers).members.count() == 1

    def test_outside_the_area_nothing_is_told_but_for_an_exact_number(self, household, client, brahim):
        Member.objects.filter(idcs=HEAD).update(cin="AB123456")
        for cin, told in (("", False), ("AB123456", True)):
            answers = family(twin(ALONE, NUMBERS[0], key="a1", cin=cin), commune=GUELIZ)
            draft = services.save_draft(token=uuid.uuid4(), answers=answers, by=brahim, on=TODAY)
            client.force_login(brahim)
            text = client.get(self.person(draft)).content.decode()
            assert ("déjà enregistré hors de votre territoire" in text) is told
            assert household.code not in text
            assert "même date de naissance" not in text

    def test_a_family_that_looks_like_another_is_said_to(self, household, client, amina):
        people = [twin(one, number, key=f"a{number}") for one, number in zip((MAN, WOMAN, BOY), NUMBERS, strict=False)]
        draft = services.save_draft(token=uuid.uuid4(), answers=family(*people), by=amina, on=TODAY)
        client.force_login(amina)
        text = client.get(reverse("households:summary", args=[draft.token])).content.decode()
        assert "Même ménage ?" in text
        client.post(reverse("households:not_same", args=[draft.token]), {"not_same": f"household:{household.pk}"})
        assert "Même ménage ?" not in client.get(reverse("households:summary", args=[draft.token])).content.decode()

    def test_more_people_alike_ask_no_more_queries(self, household, client, amina):
        client.force_login(amina)
        counts = []
        for size in (1, 3):
            people = [twin(one, number, key=f"k{number}") for one, number in zip((MAN, WOMAN, BOY), NUMBERS, strict=False)][:size]
            draft = services.save_draft(token=uuid.uuid4(), answers=family(*people), by=amina, on=TODAY)
            with CaptureQueriesContext(connections["default"]) as asked:
                client.get(reverse("households:draft", args=[draft.token, "members"]))
            counts.append(len(asked))
        assert counts[0] == counts[1]


class TestAnIdcsThatTwoClaim:
    @pytest.fixture
    def draft(self, household, amina):
        answers = family(twin(ALONE, HEAD, key="a1", first_name_fr="Omar"))
        return services.save_draft(token=uuid.uuid4(), answers=answers, by=amina, on=TODAY)

    def claim(self, client, draft, reason="carte lue deux fois"):
        return client.post(reverse("households:claim", args=[draft.token, "a1"]), {"claim_reason": reason})

    def test_goes_to_the_supervisor_with_its_reason_once(self, draft, household, client, amina, salma):
        client.force_login(amina)
        self.claim(client, draft)
        self.claim(client, draft)
        [claim] = pairs.to_settle(salma)
        assert (claim.kind, claim.claim_reason, claim.request_id, claim.household_low) == (
            "idcs_claimed", "carte lue deux fois", draft.pk, household
        )  # fmt: skip
        assert household.members.count() == 3
        text = client.get(reverse("households:person", args=[draft.token, "a1"])).content.decode()
        assert "la réponse du superviseur est attendue" in text

    def test_is_told_at_the_supervisors_desk_and_answered_beside_the_draft(self, draft, client, amina, salma):
        client.force_login(amina)
        self.claim(client, draft)
        client.force_login(salma)
        assert "</bdi> doublon à régler" in client.get(reverse("desk:home")).content.decode()
        [claim] = pairs.to_settle(salma)
        page = client.get(reverse("desk:duplicate", args=[claim.pk])).content.decode()
        assert "Omar" in page and "carte lue deux fois" in page
        client.post(reverse("desk:duplicate", args=[claim.pk]), {"choice": "different", "reason": "carte du frère"})
        client.force_login(amina)
        text = client.get(reverse("households:person", args=[draft.token, "a1"])).content.decode()
        assert "carte du frère" in text and "deux personnes différentes" in text

    def test_stops_the_registration_and_is_not_redrawn_while_its_reason_is_typed(self, draft, client, amina):
        client.force_login(amina)
        text = client.get(reverse("households:person", args=[draft.token, "a1"])).content.decode()
        assert "Cet IDCS est déjà enregistré" in text and "n’empêche pas d’enregistrer" not in text
        parts = ['name="idcs"', "</section>", 'hx-trigger="input from:previous section', 'id="claim" hx-preserve', 'name="claim_reason"']
        places = [text.index(part, text.index('name="idcs"')) for part in parts]
        assert places == sorted(places)

    def test_needs_a_reason_and_an_idcs_that_is_borne(self, draft, client, amina):
        client.force_login(amina)
        self.claim(client, draft, reason=" ")
        assert not DuplicatePair.objects.exists()
        services.amend_draft(token=draft.token, change=lambda kept: family(twin(ALONE, OTHER, key="a1")), by=amina, on=TODAY)
        self.claim(client, draft)
        assert not DuplicatePair.objects.exists()

    def test_nobody_claims_in_anothers_draft(self, draft, client, brahim):
        client.force_login(brahim)
        assert self.claim(client, draft).status_code == 404

    def test_a_supervisor_of_elsewhere_does_not_see_it(self, draft, client, amina, db):
        client.force_login(amina)
        self.claim(client, draft)
        elsewhere = User.objects.create(
            username="rachid", role="supervisor", area_level="commune", commune=Commune.objects.get(code=GUELIZ)
        )
        assert not pairs.to_settle(elsewhere).exists()


class TestWhatIsSaidAtTheCounter:
    """ "Not the same person", said while registering, is read by the supervisor who settles the pair."""

    @pytest.fixture
    def settled(self, household, client, amina):
        """The draft on which it was said of the head, registered; with the pair that a search proposes of the two."""
        head = household.members.get(idcs=HEAD)
        answers = family(twin(ALONE, NUMBERS[0], key="a1"))
        draft = services.save_draft(token=uuid.uuid4(), answers=answers, by=amina, on=TODAY)
        client.force_login(amina)
        mark = f"a1:{head.pk}"
        for _press in range(2):
            client.post(reverse("households:not_same", args=[draft.token]), {"not_same": mark, f"why:{mark}": "deux cousins, cartes vues"})
        kept = Request.objects.get(pk=draft.pk).answers
        made = services.submit_registration(token=draft.token, answers=kept, on=TODAY, by=amina, law=law_of(TODAY)).household
        return people_pair(household, made)

    def page(self, client, pair) -> str:
        return client.get(reverse("desk:duplicate", args=[pair.pk])).content.decode()

    def test_is_shown_with_who_when_and_why_and_traced_once(self, settled, household, client, amina, salma):
        client.force_login(salma)
        text = self.page(client, settled)
        told = text[text.index('id="apart"') :]
        assert "Ce n’est pas la même personne" in told and "deux cousins, cartes vues" in told
        event = AuditEvent.objects.get(verb="duplicate.set_apart")
        assert (event.by, event.household_id, event.reason) == (amina, household.pk, "deux cousins, cartes vues")
        assert f"<bdi>{amina}</bdi>, {wording.day(timezone.localtime(event.at), 'DATETIME_FORMAT')}" in told

    def test_is_not_shown_of_other_people_of_the_same_households(self, settled, household, client, salma):
        wife = household.members.get(relation="spouse")
        other = settled.member_high if settled.member_low.household_id == household.pk else settled.member_low
        DuplicatePair.objects.filter(pk=settled.pk).update(member_low=min(wife.pk, other.pk), member_high=max(wife.pk, other.pk))
        client.force_login(salma)
        assert 'id="apart"' not in self.page(client, settled)

    def test_is_shown_of_the_households_it_was_said_of_and_of_no_third(self, settled, household, client, amina, salma):
        made = settled.household_high if settled.household_low_id == household.pk else settled.household_low
        third = register(amina, family(twin(ALONE, NUMBERS[1])))
        both, apart = households_pair(household, made), households_pair(household, third)
        client.force_login(salma)
        assert "deux cousins" in self.page(client, both)
        assert 'id="apart"' not in self.page(client, apart)

    def test_a_claim_shows_what_its_draft_says(self, household, client, amina, salma):
        head = household.members.get(idcs=HEAD)
        draft = services.save_draft(token=uuid.uuid4(), answers=family(twin(ALONE, HEAD, key="a1")), by=amina, on=TODAY)
        client.force_login(amina)
        client.post(reverse("households:not_same", args=[draft.token]), {"not_same": f"a1:{head.pk}"})
        client.post(reverse("households:claim", args=[draft.token, "a1"]), {"claim_reason": "carte lue deux fois"})
        client.force_login(salma)
        text = self.page(client, DuplicatePair.objects.get())
        assert 'id="apart"' in text and "(sans motif écrit)" in text

    @pytest.mark.parametrize("mark", ["", "a1:x", "a1:999999999999", "a1:99999999999999999999", "household:0"])
    def test_a_mark_of_nobody_is_traced_nowhere(self, household, client, amina, mark):
        draft = services.save_draft(token=uuid.uuid4(), answers=family(twin(ALONE, NUMBERS[0], key="a1")), by=amina, on=TODAY)
        client.force_login(amina)
        assert client.post(reverse("households:not_same", args=[draft.token]), {"not_same": mark}).status_code == 302
        assert not AuditEvent.objects.filter(verb="duplicate.set_apart").exists()

    def test_somebody_outside_the_area_is_traced_nowhere(self, household, client, brahim):
        draft = services.save_draft(
            token=uuid.uuid4(), answers=family(twin(ALONE, NUMBERS[0], key="a1"), commune=GUELIZ), by=brahim, on=TODAY
        )
        client.force_login(brahim)
        client.post(reverse("households:not_same", args=[draft.token]), {"not_same": f"a1:{household.members.get(idcs=HEAD).pk}"})
        assert not AuditEvent.objects.filter(verb="duplicate.set_apart").exists()
