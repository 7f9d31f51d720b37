"""A worker that dies while messages leave: what left is known, the rest is in doubt or goes again."""

from datetime import timedelta

import pytest

from enrollment import gateways, services
from enrollment.models import Message

from .test_messages import NOON, Operator, accepted, tell
from .test_messages import operator as operator

pytestmark = pytest.mark.django_db


def test_a_worker_that_stops_midway_has_written_down_what_left(operator, amina):
    for _number in range(3):
        accepted(amina)
    tell()
    operator.answers = [gateways.Sent(external_id="first"), SystemExit()]
    plainly = Operator.send

    def stops(self, letter):
        if operator.answers and isinstance(operator.answers[0], SystemExit):
            raise operator.answers[0]
        return plainly(self, letter)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(Operator, "send", stops)
        services.send_due(at=NOON)
    assert list(Message.objects.order_by("id").values_list("status", "external_id")) == [
        ("sent", "first"),
        ("sending", ""),
        ("sending", ""),
    ]
    services.doubt_silent(at=NOON + timedelta(minutes=11))
    assert Message.objects.filter(status="sent").count() == 1
    assert not Message.objects.filter(status="sending").exists()
