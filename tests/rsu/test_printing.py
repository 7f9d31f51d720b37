"""Printing at the counter: the button of the file, the list of papers, the receipts of requests."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from eligibility import references, services
from eligibility.models import Notice
from households.models import Household, Request
from rsu.authentication import engine
from rsu.models import AuditEvent, User
from tests.eligibility.families import child, family, person
from tests.eligibility.papers import telling

pytestmark = pytest.mark.django_db


@pytest.fixture
def household(db) -> Household:
    return family(person())


@pytest.fixture
def as_(client):
    def log_in(username: str):
        client.force_login(User.objects.get(username=username))
        return client

    return log_in


def press(client, household):
    return client.post(reverse("desk:notice", args=[household.code]))


def file(client, household):
    return client.get(reverse("desk:household", args=[household.code]))


def assessed(household):
    services.assess_households([household.pk], on=timezone.localdate(), by=engine())
    return household


def test_a_caseworker_prints_the_decision_of_a_household_whose_score_was_still_due(as_, household):
    Household.objects.filter(pk=household.pk).update(due_since=timezone.now())
    answer = press(as_("amina"), household)
    notice = Notice.objects.get()
    assert answer.status_code == 200 and answer.content == bytes(notice.pdf) and answer["Content-Type"] == "application/pdf"
    assert notice.content["told"]["decision"]["score"] == household.assessments.get().score
    assert sorted(notice.determinations) == sorted(household.determinations.values_list("pk", flat=True)) != []


def test_pressed_twice_the_same_bytes_and_one_notice(as_, household):
    client = as_("amina")
    assessed(household)
    assert press(client, household).content == press(client, household).content
    assert Notice.objects.count() == 1
    verbs = AuditEvent.objects.filter(household_id=household.pk, verb__contains="notice").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["issue_notice", "reprint_notice"]


def test_answers_that_change_make_a_new_notice(as_, household):
    client = as_("amina")
    assessed(household)
    press(client, household)
    Household.objects.filter(pk=household.pk).update(mobile_phones=4, due_since=timezone.now())
    press(client, household)
    first, second = Notice.objects.order_by("id")
    assert second.replaces == first and second.content["told"]["decision"] != first.content["told"]["decision"]


def test_a_household_without_a_score_is_sent_back_with_the_reason(as_):
    household = family(person(diploma=None))
    answer = as_("amina").post(reverse("desk:notice", args=[household.code]), follow=True)
    assert answer.redirect_chain == [(reverse("desk:household", args=[household.code]), 302)]
    assert "n’est pas calculé" in answer.content.decode() and not Notice.objects.exists()


@pytest.mark.parametrize(("username", "status"), [("amina", 200), ("salma", 200), ("brahim", 404), ("chaima", 403), ("yassine", 403)])
def test_who_may_press(as_, household, username, status):
    assessed(household)
    assert press(as_(username), household).status_code == status
    assert Notice.objects.exists() == (status == 200)


@pytest.mark.parametrize(("username", "offered"), [("amina", True), ("yassine", False), ("chaima", False)])
def test_the_button_is_there_for_who_may_press_it(as_, household, username, offered):
    assessed(household)
    assert ("Imprimer la notification" in file(as_(username), household).content.decode()) == offered


def test_nothing_is_issued_by_reading(as_, household):
    assert as_("amina").get(reverse("desk:notice", args=[household.code])).status_code == 405


def test_the_file_lists_what_was_given_and_says_which_is_the_last(as_, household, amina):
    for score in (95_000_000, 96_000_000):
        services.issue_notice(household=household, tell=lambda score=score: telling(score=score), on=timezone.localdate(), by=amina)
    text = file(as_("yassine"), household).content.decode()
    old, new = Notice.objects.order_by("id")
    assert text.index(references.grouped(new.reference)) < text.index(references.grouped(old.reference))
    assert "la dernière" in text and "remplacée" in text and reverse("eligibility:notice", args=[old.reference]) in text


def test_the_file_asks_as_much_with_one_paper_as_with_many(as_, household, amina, django_assert_max_num_queries):
    client = as_("amina")
    assessed(household)

    def issue(number):
        for score in range(number):
            told = telling(score=score)
            services.issue_notice(household=household, tell=lambda told=told: told, on=timezone.localdate(), by=amina)

    issue(1)
    file(client, household)
    with django_assert_max_num_queries(200) as few:
        file(client, household)
    issue(6)
    with django_assert_max_num_queries(len(few)):
        file(client, household)


def sent(household, by, **changes) -> Request:
    row = {
        "token": uuid.uuid4(), "kind": "complaint", "status": "in_progress", "household": household, "commune": household.commune,
        "submitted_on": timezone.localdate(), "created_by": by,
    }  # fmt: skip
    return Request.objects.create(**(row | changes))


def test_a_request_that_was_sent_has_a_receipt_and_a_draft_has_none(as_, household, amina):
    request = sent(household, amina)
    draft = sent(household, amina, status="draft", submitted_on=None)
    client = as_("amina")
    text = file(client, household).content.decode()
    assert reverse("desk:receipt", args=[request.pk]) in text and reverse("desk:receipt", args=[draft.pk]) not in text
    answer = client.post(reverse("desk:receipt", args=[request.pk]))
    notice = Notice.objects.get(kind="receipt")
    assert answer.content == bytes(notice.pdf) and answer["Content-Disposition"].startswith('inline; filename="receipt-')
    refused = client.post(reverse("desk:receipt", args=[draft.pk]), follow=True)
    assert "pas encore été envoyée" in refused.content.decode()


def test_a_receipt_follows_what_becomes_of_its_request(as_, household, amina):
    request, client = sent(household, amina), as_("amina")
    first = client.post(reverse("desk:receipt", args=[request.pk])).content
    assert client.post(reverse("desk:receipt", args=[request.pk])).content == first
    Request.objects.filter(pk=request.pk).update(status="rejected", reason="Déjà traitée")
    client.post(reverse("desk:receipt", args=[request.pk]))
    assert [one.replaces is None for one in Notice.objects.order_by("id")] == [True, False]


@pytest.mark.parametrize(("username", "status"), [("brahim", 404), ("yassine", 403), ("chaima", 403)])
def test_who_may_not_have_a_receipt(as_, household, amina, username, status):
    assert as_(username).post(reverse("desk:receipt", args=[sent(household, amina).pk])).status_code == status


def test_a_paper_tells_the_large_family_too(as_):
    people = [person(), *(child(timezone.localdate() - timedelta(days=400 * n), father=1) for n in range(1, 12))]
    answer = press(as_("amina"), assessed(family(*people, rooms=1)))
    assert answer.status_code == 200 and len(answer.content) > 20_000
