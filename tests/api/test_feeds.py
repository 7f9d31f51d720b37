"""Deliveries through the API: who may, what is refused, what is told back, and that it tells nothing of who is registered."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from households.models import AnswerConflict, Import, Member, VerifiedPeriod
from rsu.desk.tasks import take_lots
from rsu.models import AuditEvent, User
from tests.eligibility.families import GUELIZ, family, person
from tests.households.test_imports import valid

from .conftest import Partner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]


@pytest.fixture
def cnops(partner) -> Partner:
    return partner("cnops")


def parent(**more) -> Member:
    return family(person(other_allowances=False), **more).members.get()


def row(idcs, since="2026-02-01", **more) -> dict:
    return {"idcs": idcs, "scheme": "CNOPS", "since": since} | more


def batch(*rows, as_of=None) -> dict:
    return {"as_of": f"{as_of or localdate()}", "rows": list(rows)}


def test_a_batch_is_taken_in_and_worked_off_like_a_file(cnops):
    known, stranger = parent(), valid(8)
    answer = cnops.post("feeds/allowances", batch(row(known.idcs), row(stranger), row("123")))
    assert answer.status_code == 202, answer.json()
    assert {name: answer.json()[name] for name in ("number", "kind", "state", "rows", "taken", "refused")} == {
        "number": 1, "kind": "allowances", "state": "planned", "rows": None, "taken": 0, "refused": 0,
    }  # fmt: skip
    take_lots()
    told = cnops.get("feeds/allowances/1").json()
    assert (told["state"], told["rows"], told["taken"], told["refused"]) == ("closed", 3, 2, 1)
    assert [(one["row"], one["column"], one["value"]) for one in told["refusals"]] == [(3, "idcs", "123")]
    assert AnswerConflict.objects.get().idcs == known.idcs and VerifiedPeriod.objects.get().held
    event = AuditEvent.objects.get(verb="api.feed")
    assert (event.by.username, event.details["kind"], event.details["status"]) == ("agency-cnops", "allowances", 202)


def test_what_is_told_back_is_the_same_of_somebody_known_unknown_or_outside_the_area(cnops):
    User.objects.filter(pk=cnops.agency.user_id).update(area_level="region", region_id=6)
    told = []
    for idcs in (parent().idcs, parent(commune=GUELIZ).idcs, valid(8)):
        number = cnops.post("feeds/allowances", batch(row(idcs), row("123"))).json()["number"]
        take_lots()
        answer = cnops.get(f"feeds/allowances/{number}").json()
        told.append({name: value for name, value in answer.items() if name != "number"})
    assert told[0] == told[1] == told[2]
    assert AnswerConflict.objects.count() == 1


def test_the_same_rows_are_one_delivery_and_a_mark_is_of_one(cnops):
    first = cnops.post("feeds/allowances", batch(row(valid(1))), **{"Idempotency-Key": "lot-1"})
    again = cnops.post("feeds/allowances", batch(row(valid(1))), **{"Idempotency-Key": "lot-1"})
    bare = cnops.post("feeds/allowances", batch(row(valid(1))))
    other = cnops.post("feeds/allowances", batch(row(valid(2))), **{"Idempotency-Key": "lot-1"})
    assert [one.status_code for one in (first, again, bare, other)] == [202, 200, 200, 422]
    assert other.json()["type"] == "urn:rsu:problem:token_reused"
    assert Import.objects.count() == 1


def test_only_the_kinds_of_the_agreement_while_it_runs_and_with_the_scope(cnops, chu):
    assert cnops.post("feeds/births", batch(row(valid(1)))).json()["type"] == "urn:rsu:problem:feed_not_agreed"
    assert cnops.post("feeds/deaths", batch(row(valid(1)))).status_code == 403
    assert cnops.post("feeds/marriages/1", batch(row(valid(1)))).status_code in (403, 405)
    assert cnops.post("feeds/houses", batch(row(valid(1)))).json()["type"] == "urn:rsu:problem:unknown_feed"
    assert chu.post("feeds/allowances", batch(row(valid(1)))).json()["type"] == "urn:rsu:problem:insufficient_scope"
    cnops.agree(until=timezone.localdate())
    assert cnops.post("feeds/allowances", batch(row(valid(1)))).json()["type"] == "urn:rsu:problem:agreement_ended"
    assert not Import.objects.exists()


def test_a_stranger_to_the_api_delivers_nothing(client, db):
    answer = client.post("/api/v1/feeds/allowances", batch(row(valid(1))), content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


def test_an_agency_reads_its_own_deliveries_alone(cnops, cnss):
    number = cnops.post("feeds/allowances", batch(row(valid(1)))).json()["number"]
    assert cnss.get(f"feeds/allowances/{number}").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        ({}, 400, "as_of"),
        ({"as_of": "2026-11-01", "rows": []}, 400, "rows"),
        ({"as_of": "demain", "rows": [{}]}, 400, "as_of"),
        ({"as_of": "2026-11-01", "rows": [{}]}, 422, "rows.1"),
        ({"as_of": "2026-11-01", "rows": [row("1"), "deux"]}, 422, "rows.2"),
        ({"as_of": "2026-11-01", "rows": [row("1", couleur="bleu")]}, 422, "rows.1.couleur"),
    ],
)
def test_a_batch_of_another_shape_is_a_problem_that_says_where(cnops, body, status, path):
    answer = cnops.post("feeds/allowances", body)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert path in [error["path"] for error in answer.json()["errors"]]
    assert not Import.objects.exists()


def test_a_day_to_come_and_too_many_rows_are_refused(cnops):
    ahead = cnops.post("feeds/allowances", batch(row(valid(1)), as_of=localdate() + timedelta(days=1)))
    assert (ahead.status_code, ahead.json()["errors"][0]["path"]) == (400, "as_of")
    many = cnops.post("feeds/allowances", batch(*[{"idcs": "1"}] * 2001))
    assert (many.status_code, many.json()["errors"][0]["path"]) == (400, "rows")


def test_values_that_would_break_a_file_are_only_values(cnops):
    odd = row("=HYPERLINK(1)", scheme='"; DROP\n\x00\ud800', until=[1, {"a": 2}], other_allowances=True)
    body = json.dumps(batch(odd, row(valid(1))))
    answer = cnops.client.post("/api/v1/feeds/allowances", body, content_type="application/json", headers=cnops.headers)
    assert answer.status_code == 202
    take_lots()
    told = cnops.get("feeds/allowances/1").json()
    assert (told["state"], told["taken"], told["refused"]) == ("closed", 1, 1)


def test_the_columns_of_each_kind_are_in_the_description(client, db):
    operation = client.get("/api/v1/schema").json()["paths"]["/api/v1/feeds/{kind}"]["post"]
    assert "`schooling`" in operation["description"] and "mother_idcs*" in operation["description"]
