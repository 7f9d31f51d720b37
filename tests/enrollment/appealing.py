"""A family that lost its rights by an answer it says is false: registered, enrolled, made richer on paper, ended; and its appeal."""

import uuid
from datetime import UTC, date, datetime

import eligibility.queries
import eligibility.services
from enrollment import services
from enrollment.models import Appeal
from households.models import Household
from households.services import amend_draft, open_request, submit_registration, submit_request
from rsu.authentication import engine
from rsu.desk import casework
from rsu.models import User
from tests.api.declarations import adult, child, declaration, years_ago

REGISTERED, RICHER_ON, ENDED_ON, FILED_ON, JUDGED_ON = (
    date(2026, 10, 5), date(2026, 11, 10), date(2026, 11, 16), date(2026, 11, 20), date(2027, 1, 5),
)  # fmt: skip
"""Registered on 5 October; the answers change on 10 November; the rights are ended on 16 November, so with the month; the family
appeals on 20 November and is answered on 5 January."""
RICHER = {"mobile_phones": "4", "cars": "2", "computer": True, "second_home": True, "garage": True, "landline": True, "loan": True}
NOVEMBER = date(2026, 11, 1)
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def law(on: date):
    return eligibility.queries.law(on)


def four_pupils() -> dict:
    """Two adults without work and four pupils of 7 to 12, none of whom reaches an age that matters before 2028: 936 dirhams a month in
    2026, three times 300 and once 36."""
    head = adult(marital_status="married")
    wife = adult(first_name_fr="Fatima", relation="spouse", sex="female", marital_status="married", spouse=1, birth_year=years_ago(41))
    children = [child(f"Enfant {years}", years) for years in (12, 11, 9, 7)]
    return declaration(head, wife, *children, rooms=1, butane_month="0", mobile_phones=0)


def registered(by: User, *, on: date = REGISTERED, answers: dict | None = None) -> Household:
    """Registered, scored and enrolled in both programs the same day, its month of November written on the 1st."""
    done = submit_registration(token=uuid.uuid4(), answers=answers or four_pupils(), on=on, by=by, law=law(on))
    household = done.household
    bring_up_to_date(household, on=on)
    for program in ("amo_tadamon", "direct_aid"):
        services.accept_household(household, program, on=on, by=by)
    services.write_months(household, since=NOVEMBER, read_on=NOVEMBER, on=NOVEMBER)
    return Household.objects.get(pk=household.pk)


def lost_by_answers() -> Household:
    """Both rights lost on 10 November 2026 by answers Nadia signed, and ended by Amina with that month."""
    amina, nadia = (User.objects.get(username=name) for name in ("amina", "nadia"))
    household = registered(amina)
    made_richer(household, amina, nadia)
    ended(household, amina)
    return household


def bring_up_to_date(household: Household, *, on: date) -> None:
    eligibility.services.assess_due(household.pk, on=on, by=engine())
    services.propose_for_household(household.pk, on=on, by=engine())


def made_richer(household: Household, first: User, second: User, *, on: date = RICHER_ON, answers: dict | None = None) -> None:
    """An update applied, signed by a second person since it closes rights."""
    token = uuid.uuid4()
    open_request(household_id=household.pk, kind="update", token=token, on=on, by=first, law=law(on))
    amend_draft(token=token, change=lambda kept: kept | (answers or RICHER), by=first, on=on)
    sent = submit_request(token=token, on=on, by=first, law=law(on))
    casework.process(sent.pk, on=on, by=second)


def ended(household: Household, by: User, *, on: date = ENDED_ON) -> None:
    for program in ("amo_tadamon", "direct_aid"):
        rows = household.enrollments.filter(program=program, status="in_review")
        services.end_enrollments(list(rows.values_list("pk", flat=True)), reason="indice", on=on, by=by)


def truth(household: Household) -> dict:
    """The answers the family gave first, by path."""
    first = household.requests.filter(kind="registration").get().answers
    return {name: first.get(name) for name in RICHER}


def determination(household: Household, program: str = "direct_aid"):
    return household.determinations.get(program=program, entitled=False)


def filed(household: Household, by: User, *, key: str = "", on: date = FILED_ON, **given) -> Appeal:
    asked = {
        "key": key or f"determination:{determination(household).pk}", "ground": "answer", "words": "Ces biens ne sont pas à nous.",
        "claims": truth(household), "notified_on": RICHER_ON, "token": uuid.uuid4(), "at": AT,
    } | given  # fmt: skip
    if asked["ground"] == "rule":
        asked["claims"] = {}
    return services.file_appeal(household_id=household.pk, on=on, by=by, **asked)


def examined(household: Household, by: User, *, on: date = FILED_ON, **given) -> Appeal:
    appeal = filed(household, by, on=on, **given)
    return services.examine_appeal(appeal_id=appeal.pk, on=on, by=by)


def uphold(appeal: Appeal, by: User, *, on: date = JUDGED_ON, **given):
    return services.uphold_appeal(appeal_id=appeal.pk, answer="Les biens sont à un cousin.", on=on, by=by, **given)
