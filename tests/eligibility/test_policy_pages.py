"""The pages of the law and of its runs: who opens them, what they say, how many queries they take."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from eligibility import law as legal
from eligibility import wording
from eligibility.models import Proposal, Provision, Run
from households.models import Household
from rsu import audit
from tests.eligibility.legislating import AID, move_line, propose, score_of, spread

pytestmark = pytest.mark.django_db
READERS = {"chaima", "driss", "yassine"}


def typed(**changes):
    values = {
        "key": AID.threshold_key,
        "value": "9,5",
        "since": timezone.localdate().isoformat(),
        "source": "Décret n° 2-26-100",
        "reason": "Les prix",
    }
    return values | changes


def text_of(answer) -> str:
    return answer.content.decode()


@pytest.mark.parametrize("username", ["amina", "salma", "chaima", "driss", "yassine"])
@pytest.mark.parametrize("page", ["policy", "runs"])
def test_the_law_is_read_by_administrators_and_auditors(username, page, as_):
    answer = as_(username).get(reverse(f"eligibility:{page}"))
    assert answer.status_code == (200 if username in READERS else 403)


def test_every_key_of_the_law_has_its_words():
    assert set(wording.KEYS) == legal.declared_keys()


@pytest.mark.parametrize("provision", list(legal.founding()), ids=lambda provision: f"{provision.key} {provision.since}")
def test_every_value_is_read_in_words(provision):
    lines = wording.lines(provision.key, provision.value)
    assert lines or provision.key == "score.formula"
    assert not [line for line in lines if "_" in line.text or "_" in line.label]


def test_the_policy_page_shows_values_and_sources(as_):
    page = text_of(as_("yassine").get(reverse("eligibility:policy")))
    for said in (
        "9,7430010",
        "9,3264284",
        "Décret n° 2-23-1067",
        "source non confirmée",
        "technicien spécialisé",
        "300,00 MAD",
        reverse("eligibility:formula"),
    ):
        assert said in page
    assert "Proposer un changement" not in page
    assert "Proposer un changement" in text_of(as_("chaima").get(reverse("eligibility:policy")))


def test_the_formula_has_a_page_of_its_own_on_any_day(as_):
    client = as_("yassine")
    page = text_of(client.get(reverse("eligibility:formula")))
    assert "0,0516" in page and "Casablanca-Settat" in page and "Décret n° 2-21-582" in page
    assert "Aucune formule n’est en vigueur" in text_of(client.get(reverse("eligibility:formula"), {"on": "2020-01-01"}))


def test_the_policy_page_speaks_arabic(as_, client):
    client.cookies["django_language"] = "ar"
    page = text_of(as_("yassine").get(reverse("eligibility:policy")))
    assert 'dir="rtl"' in page and "رب الأسرة" in page and "المرسوم" in page


def test_the_law_of_another_day_is_shown_with_what_comes_after(as_):
    page = text_of(as_("yassine").get(reverse("eligibility:policy"), {"on": "2025-11-15"}))
    assert "250,00 MAD" in page
    assert "À partir du 1er janvier 2026" in page
    assert as_("yassine").get(reverse("eligibility:policy"), {"on": "hier"}).status_code == 200


def test_the_policy_page_takes_as_many_queries_whatever_the_law_holds(as_, today, django_assert_max_num_queries):
    client = as_("chaima")
    client.get(reverse("eligibility:policy"))
    for number in range(1, 9):
        move_line(90_000_000 + number, on=today)
    with django_assert_max_num_queries(9):
        assert client.get(reverse("eligibility:policy")).status_code == 200


def test_a_proposal_typed_is_kept_and_shown_to_be_signed(as_):
    answer = as_("chaima").post(reverse("eligibility:propose"), typed(), follow=True)
    made = Proposal.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("eligibility:proposal", args=[made.pk])
    assert "9,5000000" in text_of(answer) and "un autre administrateur doit la décider" in text_of(answer)
    assert "disabled" in text_of(answer)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("value", "neuf"),
        ("value", "9,743001"),
        ("since", "2020-01-01"),
        ("since", ""),
        ("source", " "),
        ("reason", ""),
        ("url", "pas une adresse"),
    ],
)
def test_a_refusal_stands_beside_its_field_and_what_was_typed_stays(field, value, as_):
    answer = as_("chaima").post(reverse("eligibility:propose"), typed(gazette="BO n° 7500") | {field: value})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert 'value="BO n° 7500"' in text_of(answer)
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("username", ["amina", "salma", "yassine"])
def test_only_administrators_reach_the_form_and_the_decisions(username, as_, today):
    proposal = propose(95_000_000, since=today, on=today)
    client = as_(username)
    assert client.get(reverse("eligibility:propose")).status_code == 403
    for deed in ("approve", "reject"):
        assert client.post(reverse(f"eligibility:{deed}", args=[proposal.pk]), {"reason": "Non"}).status_code == 403
    assert Proposal.objects.get().status == "open"


def test_every_mistake_of_a_proposal_is_told_at_once_beside_its_field(as_, today):
    mistaken = {"value": "neuf", "since": str(today - timedelta(days=1))}
    assert set(as_("chaima").post(reverse("eligibility:propose"), typed(**mistaken)).context["form"].errors) == {"value", "since"}
    answer = as_("chaima").post(reverse("eligibility:propose"), typed(**mistaken, source="", reason=" "))
    assert answer.status_code == 422
    assert {name: len(told) for name, told in answer.context["form"].errors.items()} == {"value": 1, "since": 1, "source": 1, "reason": 1}


def test_the_proposer_is_refused_by_the_server_as_by_the_button(as_, today):
    proposal = propose(95_000_000, since=today, on=today)
    client = as_("chaima")
    for deed in ("approve", "reject"):
        answer = client.post(reverse(f"eligibility:{deed}", args=[proposal.pk]), {"reason": "Non"})
        assert answer.status_code == 403 and "un autre administrateur" in text_of(answer)
    assert Proposal.objects.get().status == "open"


def test_the_proposal_page_tells_who_would_cross(as_, today):
    ranked = spread(on=today)
    old = 97_430_010
    new = score_of(ranked[2])
    proposal = propose(new, since=today, on=today)
    answer = as_("driss").get(reverse("eligibility:proposal", args=[proposal.pk]))
    lost = [household for household in ranked if new < score_of(household) <= old]
    assert answer.context["effect"].households == len(lost) > 0
    page = text_of(answer)
    assert "ménages perdraient le droit" in page and "<svg" in page and "disabled" not in page


def test_approving_twice_makes_one_provision_and_one_run(as_, today):
    proposal = propose(95_000_000, since=today, on=today)
    client = as_("driss")
    address = reverse("eligibility:approve", args=[proposal.pk])
    assert "en vigueur" in text_of(client.post(address, follow=True))
    assert "déjà été décidée" in text_of(client.post(address, follow=True))
    assert Provision.objects.filter(proposal=proposal).count() == Run.objects.count() == 1
    assert client.get(address).status_code == 405


def test_rejecting_asks_why(as_, today):
    proposal = propose(95_000_000, since=today, on=today)
    client = as_("driss")
    address = reverse("eligibility:reject", args=[proposal.pk])
    assert client.post(address, {"reason": ""}).status_code == 422
    assert "rejetée" in text_of(client.post(address, {"reason": "Texte non publié"}, follow=True))
    assert Proposal.objects.get().status == "rejected"


# The journal


@pytest.mark.parametrize(("username", "status"), [("amina", 403), ("salma", 403), ("chaima", 403), ("yassine", 200)])
def test_the_journal_is_the_auditor_s(username, status, as_):
    assert as_(username).get(reverse("audit")).status_code == status


def test_the_journal_is_searched_by_actor_deed_and_household_and_goes_on(as_, chaima, driss, today):
    ranked = spread(on=today, sizes=[1], phones=[0])
    for number in range(60):
        audit.record(by=chaima, verb="read_household", household=ranked[0], reason=f"motif {number}")
    audit.record(by=driss, verb="search")
    client = as_("yassine")
    code = Household.objects.get(pk=ranked[0]).code
    first = client.get(reverse("audit"), {"by": "chaima", "household": code})
    assert len(first.context["events"]) == 50 and "motif 59" in text_of(first) and code[:10] in text_of(first)
    second = client.get(reverse("audit"), {"by": "chaima", "household": code, "before": first.context["next"]})
    assert len(second.context["events"]) == 10 and second.context["next"] is None
    assert len(client.get(reverse("audit"), {"verb": "search"}).context["events"]) == 1
    assert "Rien ne répond" in text_of(client.get(reverse("audit"), {"by": "personne"}))
