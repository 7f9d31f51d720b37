"""Two supervisors approve one request at the same instant, in real transactions: it is applied once, the second sees it done."""

import threading
import uuid

from django.db import connections
from django.utils.timezone import localdate

import eligibility.queries
from households import services
from households.declared import answers_of
from rsu.authentication import engine
from rsu.desk import casework
from rsu.models import AuditEvent, User
from tests.households.families import OTHER, town

ALONE = {
    "idcs": OTHER, "first_name_fr": "Zahra", "last_name_fr": "Bennani", "relation": "head", "sex": "female", "birth_year": "1950",
    "marital_status": "widowed", "diploma": "none", "literate": False, "situation": "elderly", "cover": "none", "disability": "none",
    "other_allowances": False, "education_level": "none",
}  # fmt: skip


def test_two_supervisors_at_once_apply_one_merge_once(committed_db, amina, salma):
    on = localdate()
    law = eligibility.queries.law(on)
    engine()
    kept, absorbed = (
        services.submit_registration(token=uuid.uuid4(), answers=answers, on=on, by=amina, law=law).household
        for answers in (town(), town(members=[ALONE]))
    )
    draft = services.open_request(
        household_id=kept.pk, kind="update", occasion="merge", other_id=absorbed.pk, token=uuid.uuid4(), on=on, by=amina, law=law
    )
    joined = f"m{absorbed.members.get().pk}"

    def related(answers):
        return answers | {"members": [one | ({"relation": "other"} if one["key"] == joined else {}) for one in answers["members"]]}

    services.amend_draft(token=draft.token, change=related, by=amina, on=on)
    request = services.submit_request(token=draft.token, on=on, by=amina, law=law)
    reasons = casework.foresee(request, on=on, by=salma).reasons
    effects, errors, ready = {}, [], threading.Barrier(2)

    def approve(username: str) -> None:
        try:
            by = User.objects.get(username=username)
            ready.wait()
            effects[username] = casework.process(request.pk, on=on, by=by)[1]
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=approve, args=[username]) for username in ("salma", "nadia")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    request.refresh_from_db()
    assert errors == []
    assert sorted(len(effect.pairs) for effect in effects.values()) == [0, 2]
    assert AuditEvent.objects.filter(verb="request.processed").count() == 1
    first = next(username for username, effect in effects.items() if effect.pairs)
    assert (request.status, request.processed_by.username, request.second) == ("processed", first, reasons)
    assert "merge" in reasons
    assert len(answers_of(kept)["members"]) == 4
