"""Every page of every persona, in both languages, on a desk and on a phone: it answers, reads aloud, fits and is in its language."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from zlib import crc32

import pytest
from django.urls import Resolver404, resolve
from django.utils import timezone

import eligibility.queries
import eligibility.services
import enrollment.services
from eligibility import references, runs
from eligibility.models import Program, Run
from eligibility.score import threshold_points
from households import drafts
from households.models import Household, Member
from households.services import save_draft, submit_registration
from rsu.authentication import engine
from rsu.desk import notices, receipts
from rsu.models import User
from tests.api.declarations import GUELIZ, adult, couple_with_two_children, declaration, poor_family
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.eligibility.legislating import propose
from tests.sizes import THOROUGH

IN_ARABIC = {"source": "مرسوم رقم 2.26.100", "reason": "ارتفاع الأسعار"}
FRENCH_LEFT = r"""typed => {
  const said = [], words = /\p{Script=Latin}{2,}([ ’',]+\p{Script=Latin}+){2,}/u;
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const part = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    if (part.closest("script, style, [lang=fr]" + typed)) continue;
    if (node === part) for (const name of ["aria-label", "placeholder", "title", "alt"]) said.push(part.getAttribute(name) || "");
    else said.push(node.textContent.replace("JPEG, PNG, PDF", ""));
  }
  return said.filter(text => words.test(text)).map(text => text.trim().slice(0, 120));
}"""
OVERFLOW = """() => {
  const page = document.scrollingElement;
  if (page.scrollWidth <= innerWidth) return [];
  return [...document.body.querySelectorAll("*")]
    .filter(part => part.getBoundingClientRect().right > innerWidth + 1 || part.getBoundingClientRect().left < -1)
    .slice(0, 5).map(part => part.outerHTML.slice(0, 150));
}"""


@dataclass(frozen=True)
class Scene:
    """A small kingdom in which every page has something to show."""

    household: str
    elsewhere: str
    number_elsewhere: str
    draft: str
    person: str
    aid: int
    cover: int
    waiting: int
    amounts: int
    formula: int
    approved: int
    closed: int
    running: int
    paused: int
    rehearsed: int
    losing: int
    reference: str


@pytest.fixture(scope="module")
def committed_db(kept_db):
    """These pages are only read: one kingdom serves them all."""


@pytest.fixture(scope="module")
def scene(committed_db) -> Scene:
    today, amina = timezone.localdate(), User.objects.get(username="amina")
    family, poor = registered(couple_with_two_children(), today), registered(poor_family(), today)
    elsewhere = registered(declaration(adult(), commune=GUELIZ), today)
    for household, program in ((family, Program.DIRECT_AID), (poor, Program.DIRECT_AID), (poor, Program.AMO_TADAMON)):
        proposed = household.enrollments.filter(program=program).values_list("pk", flat=True)
        enrollment.services.accept_enrollments(list(proposed), on=today, by=amina)
    draft = save_draft(token=uuid.uuid4(), answers=drafts.keyed(unfinished()), on=today, by=amina)
    closed = move(Program.DIRECT_AID, "9.7392574", today)
    work(today)
    enrollment.services.propose_for_household(family.pk, on=today, by=engine())
    formula = proposed_anew("score.formula", {"constant": {"urban": "12", "rural": "12"}}, today, today)
    rehearsed = rehearse(formula, today)
    running = move(Program.AMO_TADAMON, "9.7500000", today)
    paused = eligibility.services.rehearse_formula(
        proposed_anew("score.formula", {"constant": {"urban": "9.9", "rural": "8.7"}}, today, today),
        on=today,
        by=User.objects.get(username="driss"),
    )
    eligibility.services.pause_run(paused.pk, reason=IN_ARABIC["reason"], on=today, by=User.objects.get(username="driss"))
    waiting = propose(threshold_points("9.7600000"), since=today, on=today, **IN_ARABIC)
    return Scene(
        household=family.code,
        elsewhere=elsewhere.code,
        number_elsewhere=Member.objects.get(household=elsewhere).idcs,
        draft=f"/households/register/{draft.token}",
        person=f"people/{draft.answers['members'][0]['key']}",
        aid=family.enrollments.get(program=Program.DIRECT_AID).pk,
        cover=poor.enrollments.filter(program=Program.AMO_TADAMON).earliest("pk").pk,
        waiting=waiting.pk,
        amounts=proposed_anew("direct_aid.amounts", {"floor": 60_000}, first_of_next_month(today), today),
        formula=formula,
        approved=running.pk,
        closed=Run.objects.get(provision__proposal=closed).pk,
        running=Run.objects.get(provision__proposal=running).pk,
        paused=paused.pk,
        rehearsed=rehearsed.pk,
        losing=rehearsed.losing_families.earliest("pk").pk,
        reference=printed(family, today, amina),
    )


def work(today) -> None:
    while chunk := runs.claim(worker="test", at=timezone.now()):
        runs.apply(chunk, on=today, at=timezone.now())
    runs.close_finished(at=timezone.now())


def rehearse(formula: int, today) -> Run:
    run = eligibility.services.rehearse_formula(formula, on=today, by=User.objects.get(username="chaima"))
    work(today)
    return run


def registered(answers: dict, today) -> Household:
    law = eligibility.queries.law(today)
    sent = submit_registration(token=uuid.uuid4(), answers=answers, on=today, by=engine(), law=law)
    eligibility.services.assess_due(sent.household_id, on=today, by=engine())
    enrollment.services.propose_for_household(sent.household_id, on=today, by=engine())
    return sent.household


def printed(household: Household, today, by: User) -> str:
    """The reference of the household's notice, replaced since; its registration has a receipt."""
    law = eligibility.queries.law(today)
    issue = eligibility.services.issue_notice
    first = issue(household=household, tell=lambda: notices.telling(household, on=today, law=law), on=today, by=by).notice
    household.members.filter(relation="head").update(last_name_fr="Ouazzani", last_name_ar="الوزاني")
    issue(household=household, tell=lambda: notices.telling(household, on=today, law=law), on=today, by=by)
    sent = household.requests.get()
    eligibility.services.issue_receipt(request=sent, tell=lambda locked: receipts.telling(locked, on=today), on=today, by=by)
    return references.grouped(first.reference)


def move(program: Program, line: str, today):
    proposal = propose(threshold_points(line), program=program, since=today, on=today, **IN_ARABIC)
    return eligibility.services.approve_proposal(proposal.pk, on=today, by=User.objects.get(username="driss"))


def proposed_anew(key: str, change: dict, since, today) -> int:
    """The proposal of a value in force with a part of it changed."""
    value = eligibility.queries.law(today).value(key) | change
    chaima = User.objects.get(username="chaima")
    return eligibility.services.propose_provision(key=key, since=since, value=value, **IN_ARABIC, on=today, by=chaima).pk


def first_of_next_month(today):
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


def unfinished() -> dict:
    """A whole family with one wrong number and a question left out."""
    answers = couple_with_two_children(rooms=None)
    answers["members"][0]["idcs"] = "7000000018"
    return answers


# Addresses of each persona, filled from the scene; those that end badly say how after a space.
SECTIONS = [f"{{draft}}/{section}" for section in ("address", "members", "dwelling?check", "bills", "equipment", "property")]
DESK_PAGES = ["/", "/search", "/search?q=Fictif", "/search?q=zzz", "/household/{household}", "/household/{household}/readers", "/export"]
LAW_PAGES = [
    "/policy/", "/policy/?on=2025-11-15", "/policy/formula", "/policy/changes?since=2022-01-01", "/policy/history/direct_aid.threshold",
    "/policy/proposals/{waiting}", "/policy/proposals/{approved}", "/policy/proposals/{amounts}", "/policy/proposals/{formula}",
    "/policy/runs", "/policy/runs/{closed}", "/policy/runs/{closed}/refusals", "/policy/runs/{paused}", "/policy/runs/{rehearsed}",
    "/policy/rehearsals/{rehearsed}", "/policy/rehearsals/{rehearsed}?program=direct_aid&by=size",
    "/policy/rehearsals/{rehearsed}/families/{losing}",
]  # fmt: skip
PROPOSING = [
    "score.formula",
    "score.formula&way=file",
    "direct_aid.amounts",
    "amo_achamil.bands",
    "direct_aid.payee_order",
    "amo.grace_months",
]
PROPOSE_PAGES = ["/policy/propose", "/policy/propose?q=zzz", *(f"/policy/propose?key={key}" for key in PROPOSING)]
PAGES = {
    "": ["/login", "/nowhere 404", "/verify", "/verify/{reference}", "/verify/7K3M-9QXT-2B5F 404"],
    "amina": [
        *DESK_PAGES, "/search?q={number_elsewhere}", "/household/{elsewhere} 404", "/dashboards/ 403",
        "/households/register", *SECTIONS, "{draft}/{person}?check", "{draft}/", "{draft}/evidence", "/enrollment/", "/enrollment/{aid}", "/enrollment/{cover}",
    ],
    "brahim": ["/", "/enrollment/", "/households/register", "/household/{elsewhere}"],
    "salma": ["/", "/enrollment/", "/enrollment/{aid}", "/dashboards/"],
    "nadia": ["/", "/enrollment/", "/dashboards/"],
    "chaima": [*DESK_PAGES, "/dashboards/", *LAW_PAGES, *PROPOSE_PAGES, "/policy/runs/{running}"],
    "driss": ["/", "/policy/proposals/{waiting}", "/policy/propose"],
    "yassine": [
        "/", "/search?q=Fictif", "/household/{household}", "/enrollment/", "/enrollment/{aid}", "/enrollment/{cover}", "/dashboards/",
        "/policy/", "/policy/proposals/{waiting}", "/policy/runs", "/policy/runs/{closed}", "/policy/rehearsals/{rehearsed}", "/journal",
    ],
}  # fmt: skip


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("persona", PAGES)
def test_pages_answer_fit_and_are_accessible(persona, language, visit, scene, axe):
    visitor = visit()
    visitor.speak(language)
    if persona:
        visitor.enter_as(persona)
    faults = []
    for address in PAGES[persona]:
        path, _space, status = address.format(**vars(scene)).partition(" ")
        faults += [f"{address}: {fault}" for fault in faults_of(visitor, path, int(status or 200), language, axe)]
    assert not faults, "\n".join(faults)


def faults_of(visitor: Visitor, path: str, status: int, language: str, axe: Callable, typed: str = "") -> list[str]:
    """`typed` chooses the parts that hold what somebody has typed, in whatever language.

    Both languages and both sizes show the same elements in the same colours: each view is read aloud once, in French at a desk or
    mirrored on a telephone. THOROUGH=1 reads it everywhere.
    """
    page, found, aloud = visitor.page, [], THOROUGH or read_in(path) == language
    if language == "fr" and not aloud:
        answered = page.request.get(visitor.site + path).status
        return [] if answered == status else [f"answered {answered}"]
    page.set_viewport_size(DESK)
    answered = visitor.open(path)
    if answered != status:
        return [f"answered {answered}"]
    written = page.evaluate("() => [document.documentElement.lang, document.documentElement.dir]")
    if written != [language, {"fr": "ltr", "ar": "rtl"}[language]]:
        found.append(f"written {written}")
    if language == "ar":
        found += [f"in French: {sentence}" for sentence in page.evaluate(FRENCH_LEFT, f", {typed}" if typed else "")]
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        found += [f"at {size['width']}, too wide: {part}" for part in page.evaluate(OVERFLOW)]
        if aloud and (THOROUGH or size is {"fr": DESK, "ar": PHONE}[language]):
            found += [f"at {size['width']}, {fault}" for fault in axe(page)]
    found += [f"console: {complaint}" for complaint in visitor.complaints]
    visitor.complaints.clear()
    return found


def read_in(path: str) -> str:
    """The language in which this view is read aloud: half of them in each, the same ones every time."""
    try:
        return ("fr", "ar")[crc32(repr(view_of(path)).encode()) % 2]
    except Resolver404:
        return "fr"


def view_of(path: str) -> tuple[str, ...]:
    """The view, and the names of what is asked of it."""
    split = urlsplit(path)
    return resolve(split.path).view_name, *sorted(parse_qs(split.query))


def test_the_description_for_partners_opens_without_a_complaint(visit):
    visitor = visit()
    assert visitor.open("/api/v1/docs") == 200
    visitor.page.get_by_text("/api/v1/eligibility-checks").first.wait_for()
    assert visitor.complaints == []
