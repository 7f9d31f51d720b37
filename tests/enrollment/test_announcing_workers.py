"""Two workers that announce at the same time tell each fact once."""

import threading
from datetime import date

from django.db import connections

from enrollment import services, spending
from enrollment.models import Message, RightNotice, ToldFact
from rsu.authentication import engine

from .aiding import DECEMBER, aided
from .builders import PUPIL, child, couple
from .test_announcing import NOON, NOVEMBER, PHONE, announce, forewarned, written


def test_two_workers_announce_each_thing_once(committed_db):
    for _number in range(8):
        forewarned()
    for _number in range(4):
        household = couple(child(date(2015, 5, 1), **PUPIL), phone=PHONE)
        right, member = aided(household), household.members.get(relation="child")
        written(household, right, NOVEMBER, [("child", 1, 30000)], member)
        written(household, right, DECEMBER, [("child", 1, 35000)], member)
    spending.fold()
    ready, errors = threading.Barrier(2), []

    def work():
        try:
            ready.wait()
            while services.announce_due(limit=3, at=NOON, by=engine()):
                pass
            while services.announce_amounts(limit=1, at=NOON, by=engine()):
                pass
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    while announce() or services.announce_amounts(at=NOON, by=engine()):
        pass
    assert errors == []
    assert RightNotice.objects.filter(deed="warned").count() == 8
    assert RightNotice.objects.filter(deed="amount").count() == 4
    assert ToldFact.objects.count() == Message.objects.count() == 12
