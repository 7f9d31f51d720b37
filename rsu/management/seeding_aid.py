"""Direct aid for the demo: last months written for the households accepted, a correction, an overpayment, a child in an institution."""

import uuid
from datetime import date

from django.db import transaction
from stdnum import verhoeff

import eligibility.queries
import households.services
from enrollment import services
from enrollment.models import Allowance, Enrollment, MonthRun, Overpayment, Placement
from enrollment.paying.rib import with_key
from enrollment.tasks import take_month_chunks
from households.declared import key_of
from households.models import Member
from households.services import DeclarationRefused, RequestRefused
from rsu.authentication import engine
from rsu.desk import casework
from rsu.models import User
from rsu.permissions import communes_of

TRIED = 20
"""Families asked at most: an invented file may have something to mend before it can be changed."""


def seed_aid(*, on: date) -> str:
    """Nothing is done twice: a demo that was seeded is left as it is."""
    month = on.replace(day=1)
    if MonthRun.objects.filter(month=month).exists():
        return ""
    run = services.start_month(month, on=on, by=engine())
    take_month_chunks()
    run.refresh_from_db()
    _correct(month, on=on)
    _place(on=on)
    return f"{Allowance.objects.filter(month=month).count()} aides écrites pour {month:%Y-%m}, passage {run.get_status_display()}."


def _correct(month: date, *, on: date) -> None:
    """A pupil who had stopped and one who had not: one household received too much, another too little."""
    aided = Enrollment.objects.filter(program="direct_aid", status="active").order_by("id").values("household")
    written = Allowance.objects.filter(month=month).values("household")
    pupils = Member.objects.filter(
        household__in=aided, relation="child", schooling__in=("primary", "lower_secondary"), household__synthetic=True
    ).filter(household__in=written)  # fmt: skip
    salma, by = User.objects.get(username="salma"), User.objects.get(username="nadia")
    hers = set(communes_of(salma).values_list("pk", flat=True))
    one_each = pupils.order_by("household_id", "id").distinct("household_id").select_related("household")
    reasons = ["Certificat de scolarité démenti", "Scolarité vérifiée"]
    # A family of Salma's first: she may decide what another proposed.
    for pupil in sorted(one_each, key=lambda one: one.household.commune_id not in hers)[:TRIED]:
        said = {"schooling": pupil.schooling, "school_sector": pupil.school_sector}
        if not reasons or not _declare(pupil, {"schooling": "no", "school_sector": None}, on=on, by=by):
            continue
        reason = reasons.pop(0)
        services.correct_months(households=[pupil.household_id], months=[month], reason=reason, on=on, by=engine())
        if not reasons and _declare(pupil, said, on=on, by=by):
            services.correct_months(households=[pupil.household_id], months=[month], reason=reason, on=on, by=engine())
    first = Overpayment.objects.order_by("id").first()
    if first and first.left:
        by = _proposer(first)
        services.propose_recovery(first.pk, share=min(first.left, 5000), reason="Certificat rendu par l’école.", on=on, by=by)


def _proposer(overpayment: Overpayment) -> User:
    """A caseworker who sees the family, so that Salma or Nadia may decide; otherwise Nadia, who leaves it to Salma."""
    people = User.objects.filter(role="caseworker", is_active=True).order_by("id")
    nearby = (one for one in people if communes_of(one).filter(pk=overpayment.household.commune_id).exists())
    return next(nearby, None) or User.objects.get(username="nadia")


def _declare(pupil: Member, answers: dict, *, on: date, by: User) -> bool:
    """The family says otherwise, by a request like any other: read, scored and signed. False where its file has something to mend."""
    token, law = uuid.uuid4(), eligibility.queries.law(on)
    try:
        with transaction.atomic():
            households.services.open_request(household_id=pupil.household_id, kind="update", token=token, on=on, by=engine(), law=law)
            households.services.amend_draft(token=token, change=lambda kept: _said(kept, key_of(pupil), answers), by=engine(), on=on)
            sent = households.services.submit_request(token=token, on=on, by=engine(), law=law)
            casework.process(sent.pk, on=on, by=by)
    except (DeclarationRefused, RequestRefused):
        return False
    return True


def _said(kept: dict, key: str, answers: dict) -> dict:
    return kept | {"members": [person | answers if person["key"] == key else person for person in kept["members"]]}


def _place(*, on: date) -> None:
    by = User.objects.filter(role="supervisor", username="salma").first()
    commune = by and communes_of(by).order_by("id").first()
    if commune is None or Placement.objects.exists():
        return
    digits = "299000001"
    services.record_placement(
        idcs=digits + verhoeff.calc_check_digit(digits), name="Enfant fictif", born_on=date(on.year - 9, 4, 2), institution="Maison d’enfants (fictive)",
        commune=commune, account=with_key(f"999000{1:016d}"), since=date(on.year, 2, 3), on=on, by=by,
    )  # fmt: skip
    services.write_placements(on=on, by=engine())
