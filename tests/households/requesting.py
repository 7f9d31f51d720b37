"""Requests of registered families, opened, edited and sent in a line each; and somebody to add to a family."""

import uuid
from datetime import date

from households import services
from households.models import Household, Request
from rsu.desk import casework

from .families import BOY, DAUGHTER, DAY, OTHER, law, town, with_person

LATER = date(2026, 11, 23)
GRANDMOTHER = {
    "idcs": OTHER, "first_name_fr": "Zahra", "last_name_fr": "Alaoui", "relation": "parent", "sex": "female", "birth_year": "1950",
    "marital_status": "widowed", "diploma": "none", "literate": False, "situation": "elderly", "cover": "none", "disability": "none",
    "other_allowances": False,
}  # fmt: skip
COUSIN = GRANDMOTHER | {"idcs": DAUGHTER, "first_name_fr": "Hind", "relation": "other", "birth_year": "1990", "marital_status": "single",
          "situation": "homemaker"}  # fmt: skip
BABY = BOY | {"idcs": DAUGHTER, "first_name_fr": "Lina", "sex": "female", "birth_year": 2024, "schooling": None, "school_sector": None}


def registered(by, answers=None) -> Household:
    return services.submit_registration(token=uuid.uuid4(), answers=answers or town(), on=DAY, by=by, law=law()).household


def opened(by, household, kind="update", **details) -> Request:
    return services.open_request(household_id=household.pk, kind=kind, token=uuid.uuid4(), on=DAY, by=by, law=law(), **details)


def edit(by, request, **answers) -> Request:
    return services.amend_draft(token=request.token, change=lambda kept: kept | answers, by=by, on=DAY)


def edit_person(by, request, position, **answers) -> Request:
    return services.amend_draft(token=request.token, change=lambda kept: with_person(kept, position, **answers), by=by, on=DAY)


def send(by, request) -> Request:
    return services.submit_request(token=request.token, on=DAY, by=by, law=law())


def key(household, idcs) -> str:
    return f"m{household.members.get(idcs=idcs).pk}"


def names(household) -> list[str]:
    return list(household.members.order_by("position").values_list("first_name_fr", flat=True))


def casework_process(request_id, first, second) -> Request:
    """Applied by whoever sent it, or by the second person where the law wants two."""
    try:
        return casework.process(request_id, on=DAY, by=first)[0]
    except services.SecondNeeded:
        return casework.process(request_id, on=DAY, by=second)[0]
