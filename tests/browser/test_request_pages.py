"""Every page of requests, in both languages, on a desk and on a phone: one of each kind in each state."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

import eligibility.queries
from households import services
from households.models import Household, Request
from rsu.desk import casework
from rsu.models import User
from tests.api.declarations import GUELIZ, adult, declaration, poor_family
from tests.browser.test_pages import faults_of, registered

SAID = "لم تعد لنا سيارة"


@pytest.fixture(scope="module")
def committed_db(kept_db):
    """These pages are only read: one kingdom serves them all."""


@pytest.fixture(scope="module")
def scene(committed_db) -> dict[str, list[str]]:
    """A request of each kind in each state; the pages they make, by persona."""
    today = timezone.localdate()
    first, second, third = (registered(poor_family(), today) for _family in range(3))
    far, lone, other = (
        registered(declaration(adult(), commune=GUELIZ), today),
        registered(declaration(adult()), today),
        registered(declaration(adult()), today),
    )
    update = amended(opened(first, kind="update"), cars="3", mobile_phones="6", butane_month="500", rooms="4", address="زنقة 12")
    conflict = opened(first, kind="update")
    outdated = sent(amended(conflict, address="زنقة 15"))
    apply(sent(amended(opened(first, kind="update"), address="زنقة 9")))
    review = sent(opened(second, kind="score_review", reason=SAID))
    Request.objects.filter(pk=review.pk).update(due_on=today - timedelta(days=2))
    complaint = sent(opened(second, kind="complaint", reason=SAID))
    words = opened(second, kind="complaint", reason=SAID)
    answered = sent(opened(second, kind="complaint", reason=SAID))
    services.answer_request(request_id=answered.pk, status="rejected", answer=SAID, on=today, by=user("amina"))
    services.note_request(request_id=complaint.pk, text=SAID, on=today, by=user("amina"))
    merge = opened(lone, kind="update", occasion="merge", other_id=other.pk)
    relate(merge, f"m{other.members.get().pk}", "other")
    done = apply(sent(merge))
    leaving = [f"m{pk}" for pk in third.members.order_by("position").values_list("pk", flat=True)][2:3]
    split = opened(third, kind="update", occasion="split", people=tuple(leaving))
    head, heir = (f"m{pk}" for pk in third.members.order_by("position").values_list("pk", flat=True)[:2])
    transfer = opened(first, kind="update", occasion="transfer", other_id=third.pk, people=(head,), new_head=heir, told=True)
    striking = sent(opened(third, kind="striking_off", reason=SAID))
    casework_or_wait(striking)
    begin = f"/household/{first.code}/requests/new"
    draft = f"/households/register/{update.token}"
    arriving = f"/households/register/{transfer.token}"
    member = first.members.order_by("position").first().pk
    happened = [f"{begin}?what={what}" for what in ("update", "death", "split", "merge", "transfer", "striking_off_member", "complaint")]
    states = [f"/requests/{one.pk}" for one in (update, outdated, review, complaint, words, answered, done, striking, split)]
    return {
        "amina": [
            "/", begin, *happened, f"/household/{other.code}/requests/new", f"{draft}/", f"{draft}/dwelling", f"{draft}/people/m{member}",
            f"/households/register/{split.token}/", f"{arriving}/", f"{arriving}/left", *states,
            "/requests/", "/requests/?list=drafts", "/requests/?list=ended",
            "/requests/?list=area&late=1", f"/household/{other.code}", f"/household/{lone.code}",
        ],
        "salma": ["/", "/requests/", "/requests/?list=area", *states],
        "yassine": ["/requests/", *states[:4]],
        "brahim": ["/requests/", f"/household/{far.code}/requests/new"],
    }  # fmt: skip


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("persona", ["amina", "salma", "yassine", "brahim"])
def test_every_page_of_requests_answers_fits_and_is_accessible(persona, language, visit, scene, axe):
    visitor = visit()
    visitor.speak(language)
    visitor.enter_as(persona)
    faults = [f"{path}: {fault}" for path in scene[persona] for fault in faults_of(visitor, path, 200, language, axe)]
    assert not faults, "\n".join(faults)


def user(name: str) -> User:
    return User.objects.get(username=name)


def opened(family: Household, *, kind: str, **details) -> Request:
    today = timezone.localdate()
    law = eligibility.queries.law(today)
    return services.open_request(
        household_id=family.pk, kind=kind, token=uuid.uuid4(), on=today, by=user("amina"), law=law, **details
    )  # fmt: skip


def amended(draft: Request, **answers) -> Request:
    return services.amend_draft(token=draft.token, change=lambda kept: kept | answers, by=user("amina"), on=timezone.localdate())


def relate(draft: Request, who: str, relation: str) -> None:
    def related(kept):
        return kept | {"members": [one | ({"relation": relation} if one["key"] == who else {}) for one in kept["members"]]}

    services.amend_draft(token=draft.token, change=related, by=user("amina"), on=timezone.localdate())


def sent(draft: Request) -> Request:
    today = timezone.localdate()
    return services.submit_request(token=draft.token, on=today, by=user("amina"), law=eligibility.queries.law(today))


def casework_or_wait(request: Request) -> None:
    try:
        casework.process(request.pk, on=timezone.localdate(), by=user("amina"))
    except services.SecondNeeded:
        return


def apply(request: Request) -> Request:
    casework_or_wait(request)
    return casework.process(request.pk, on=timezone.localdate(), by=user("salma"))[0]
