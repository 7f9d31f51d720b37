"""Two at once, on real connections: nothing is paid twice, nothing is signed twice, nothing is answered twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.db.models import Count
from django.test import override_settings

from enrollment import services
from enrollment.models import Payment, PaymentOrder, PaymentReturn
from rsu.models import AuditEvent
from rsu.permissions import Forbidden

from .owing import MONTH, ON, frozen, line, owe, prepared, report, rows_of, sent


@pytest.fixture(autouse=True)
def files(tmp_path, committed_db):
    with override_settings(FILES_ROOT=str(tmp_path / "files")):
        yield


def together(*deeds):
    """Each deed on a connection of its own, started at the same instant; what each gave or raised."""
    gate = Barrier(len(deeds))

    def run(deed):
        gate.wait()
        try:
            return deed()
        except (services.OrderRefused, services.NotSettled, Forbidden) as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_two_preparations_list_everything_once(chaima, driss):
    owed = [owe(10000 + number) for number in range(40)]
    made = together(
        lambda: services.prepare_order(month=MONTH, on=ON, by=chaima), lambda: services.prepare_order(month=MONTH, on=ON, by=driss)
    )
    assert sorted(type(one).__name__ for one in made) == ["NothingOwed", "PaymentOrder"]
    held = dict(Payment.objects.values_list("allowance").annotate(n=Count("pk")))
    assert held == {one.pk: 1 for one in owed}
    assert PaymentOrder.objects.count() == 1


def test_one_person_signing_from_two_windows_signs_once(chaima):
    owe(50000)
    order = prepared(chaima)
    sign = lambda: services.approve_order(order.pk, on=ON, by=chaima)  # noqa: E731
    made = together(sign, sign)
    assert sorted(type(one).__name__ for one in made) == ["Forbidden", "PaymentOrder"]
    assert order.approvals.count() == 1


def test_two_people_signing_at_once_approve_it(chaima, driss):
    owe(50000)
    order = prepared(chaima)
    together(lambda: services.approve_order(order.pk, on=ON, by=chaima), lambda: services.approve_order(order.pk, on=ON, by=driss))
    order.refresh_from_db()
    assert (order.status, order.approvals.count()) == ("approved", 2)


def test_sent_and_canceled_at_once_it_is_one_of_them(chaima, driss):
    owe(50000)
    order = frozen(chaima, driss)
    together(
        lambda: services.export_order(order.pk, on=ON, by=chaima), lambda: services.cancel_order(order.pk, reason="non", on=ON, by=driss)
    )
    order.refresh_from_db()
    assert (order.status, rows_of(order)[0].status, order.files.count()) in [("exported", "sent", 2), ("canceled", "canceled", 0)]


def test_one_answer_given_twice_at_once_is_read_once(chaima, driss, tmp_path):
    owe(50000)
    order = sent(chaima, driss)
    path = tmp_path / "r.xml"
    path.write_bytes(report(line(rows_of(order)[0].end_to_end_id, "ACSC")))
    read = lambda: services.record_return(order.pk, path=path, name="r.xml", on=ON, by=chaima)  # noqa: E731
    first, second = together(read, read)
    assert first.pk == second.pk and PaymentReturn.objects.count() == 1


def test_given_up_from_two_windows_it_is_issued_again_once(chaima, driss, salma, tmp_path):
    owe(50000)
    order = sent(chaima, driss)
    [payment] = rows_of(order)
    path = tmp_path / "r.xml"
    path.write_bytes(report(line(payment.end_to_end_id, "RJCT", reason="AM04")))
    services.record_return(order.pk, path=path, name="r.xml", on=ON, by=chaima)
    again = lambda: services.reissue_payment(payment.pk, reason="banque", on=ON, by=salma)  # noqa: E731
    together(again, again)
    assert AuditEvent.objects.filter(verb="payment.to_reissue").count() == 1
    together(*(lambda: services.prepare_order(month=MONTH, on=ON, by=chaima) for _turn in range(2)))
    assert Payment.objects.filter(previous=payment).count() == 1
