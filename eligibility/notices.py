"""Papers found: those of a household, those a user may read, and what anybody may know of one whose reference is given."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from households.models import Household, Request
from rsu.models import User
from rsu.permissions import in_area

from . import references
from .models import Notice

HEAVY = ("pdf", "content")
"""Not read where notices are listed."""


def notices_of(user: User) -> QuerySet[Notice]:
    """What was told to households of the area; a receipt without a household follows its request. Newest first."""
    without = Q(household=None) & in_area(user, "request__commune")
    return Notice.objects.filter(Q(household__isnull=False) & in_area(user, "household__commune") | without).order_by("-id")


def requests_receipted(user: User) -> QuerySet[Request]:
    """Requests of the area where their household lives today, or else of their own commune, newest first."""
    of_commune = Q(household=None) & in_area(user)
    return Request.objects.filter(Q(household__isnull=False) & in_area(user, "household__commune") | of_commune).order_by("-id")


def notices_of_household(household: Household) -> QuerySet[Notice]:
    """Everything the household was given on paper, newest first; `replaced` when a newer one tells otherwise."""
    replaced = Exists(Notice.objects.filter(replaces=OuterRef("pk")))
    return household.notices.defer(*HEAVY).select_related("issued_by", "request").annotate(replaced=replaced).order_by("-id")


@dataclass(frozen=True)
class Verified:
    """What anybody may know of a paper: nothing that says whose it is or what it decides."""

    reference: str
    kind: str
    on: date
    short_digest: str
    replaced: bool
    in_series: bool = True
    """Whether a newer paper replaces an older one; else `replaced` says that it was withdrawn."""


def verified(typed: str) -> Verified | None:
    """The paper with this reference, however it was typed. One query whether it exists or not, ill formed or not."""
    replaced = Exists(Notice.objects.filter(replaces=OuterRef("pk")))
    found = Notice.objects.filter(reference=references.read(typed)[: references.LENGTH + 1]).annotate(replaced=replaced)
    row = found.only("reference", "kind", "on", "digest").first()
    if row is None:
        return None
    return Verified(references.grouped(row.reference), row.get_kind_display(), row.on, row.short_digest, row.replaced)
