"""Two supervisors confirm the same loss at the same instant: it is confirmed once."""

import threading

from django.db import connection, connections

from eligibility import services
from eligibility.models import HeldLoss, Provision
from eligibility.score import format_points
from rsu.models import AuditEvent
from tests.eligibility.softening import BAND, FIRST, LINE, banded, chain, households, scored

DAY = FIRST.replace(day=22)


def test_two_supervisors_at_once_confirm_once(committed_db, salma):
    banded()
    try:
        [household] = households()
        scored(household, LINE + 1, on=DAY)
        pk, ready, errors = HeldLoss.objects.get().pk, threading.Barrier(2), []

        def confirm():
            try:
                ready.wait()
                services.confirm_loss(pk, reason="Factures relues", on=DAY, by=salma)
            except Exception as error:
                errors.append(error)
            finally:
                connections.close_all()

        workers = [threading.Thread(target=confirm) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert errors == []
        assert AuditEvent.objects.filter(verb="confirm_loss").count() == 1
        assert [row[1] for row in chain(household)] == [True, False]
    finally:
        _repeal_for_good(Provision.objects.get(key="direct_aid.borderline_band", value=format_points(BAND)))


def _repeal_for_good(provision: Provision) -> None:
    """The law of the tests has no band: what this one enacted is taken away, against the trigger that keeps provisions."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM eligibility_provision WHERE id = %s", [provision.pk])
        cursor.execute("SET session_replication_role = origin")
