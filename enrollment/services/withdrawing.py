"""Forewarnings of what will not come after all go out no more, by message or on paper; those that hold again do."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localtime

from households.models import Household

from ..models import Forewarning, Message, RightNotice, ToldFact

CHUNK = 500
Status = Message.Status


@transaction.atomic
def withdraw_lapsed(*, limit: int = CHUNK, at: datetime) -> int:
    """The next forewarnings that lapsed, or hold again, since anybody looked; how many (0: none is left). Harmless twice.

    Whoever tells one holds its household: once that is locked here, what was told of it is seen, and nobody tells it any more.
    """
    homes = Forewarning.objects.filter(Forewarning.TO_WITHDRAW | Forewarning.HOLDS_AGAIN).order_by("pk").values("household")[:limit]
    found = sorted({row["household"] for row in homes})
    households = list(Household.objects.filter(pk__in=found).order_by("pk").select_for_update(of=("self",), no_key=True))
    lapsed, again = (_locked(households, which) for which in (Forewarning.TO_WITHDRAW, Forewarning.HOLDS_AGAIN))
    _turn(lapsed, before=Status.QUEUED, after=Status.WITHDRAWN, withdrawn_on=localtime(at).date())
    _turn(again, before=Status.WITHDRAWN, after=Status.QUEUED, withdrawn_on=None)
    Forewarning.objects.filter(pk__in=lapsed).update(withdrawn=True)
    Forewarning.objects.filter(pk__in=again).update(withdrawn=False)
    return len(lapsed) + len(again)


def _locked(households: list[Household], which: Q) -> list[int]:
    rows = Forewarning.objects.filter(which, household__in=households).order_by("pk")
    return list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))


def _turn(forewarnings: list[int], *, before: str, after: str, withdrawn_on: date | None) -> None:
    told = ToldFact.objects.filter(source=ToldFact.Source.FOREWARNING, subject_id__in=forewarnings)
    notices = list(told.values_list("notice", flat=True))
    RightNotice.objects.filter(pk__in=notices, withdrawn_on__isnull=withdrawn_on is not None).update(withdrawn_on=withdrawn_on)
    Message.objects.filter(notice__in=notices, status=before).update(status=after)
