"""The chain over the trace: it holds as written, and a change made behind its back is found where it was made."""

import pytest
from django.db import connection

from rsu import audit
from rsu.models import AuditEvent, AuditSeal

pytestmark = pytest.mark.django_db


def test_each_event_is_sealed_once_in_a_chain_that_holds(amina):
    for number in range(3):
        audit.record(by=amina, verb="search", found=number)
    assert audit.seal() == AuditEvent.objects.count()
    assert audit.seal() == 0
    audit.record(by=amina, verb="search", found=3)
    assert audit.seal() == 1
    assert audit.first_broken_seal() is None


def test_an_event_changed_behind_the_triggers_is_found_by_its_seal(amina):
    for number in range(3):
        audit.record(by=amina, verb="search", found=number)
    audit.seal()
    changed = AuditSeal.objects.order_by("position")[1]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE rsu_auditevent SET verb = 'assess' WHERE id = %s", [changed.event_id])
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert audit.first_broken_seal() == changed.position
