"""Declarations made true: the rows of one or several households become what their declarations say, in one transaction.

Everything that happens to a registered family comes down to this: an answer changes, somebody joins, leaves, founds a household,
two households become one, one is struck off. A person keeps the same row wherever they live; what a row said before is kept by
trigger. Nothing is written where nothing changes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models.functions import Now

from rsu.models import Commune

from ..declaration import Declaration
from ..declared import member_id
from ..drafts import POINTERS
from ..models import Household, Member
from ..questions import HOUSEHOLD, PERSON
from .registering import draw_member_ids, insert_household

HOUSEHOLD_FIELDS = tuple(dict.fromkeys(q.field for q in HOUSEHOLD if q.kind != "place"))
MEMBER_FIELDS = (
    *dict.fromkeys(q.field for q in PERSON if q.kind != "member" and not q.field.startswith("birth_")),
    *("born_on", "birth_precision"),
)


@dataclass(frozen=True)
class Target:
    """What a household becomes. Without `household` a new one is registered; without `found` everybody has left and it is struck off.

    `keys` are the persons' keys in the declaration's order: `m` and a row's number for somebody registered in one of the households
    concerned, anything else for a newcomer.
    """

    household: Household | None
    found: Declaration | None = None
    keys: tuple[str, ...] = ()
    commune: Commune | None = None
    merged_into: Household | None = None


@dataclass
class _Place:
    """One person's row to be: where, and what it says."""

    pk: int
    household: Household
    values: dict[str, Any]
    row: Member | None


def rearrange(targets: Iterable[Target], *, on: date) -> list[Household]:
    """Make the targets true; their households, in order, each due for assessment when something changed in it.

    The caller has locked the households of the targets, and read their declarations without a problem. A person may stand in one
    target only; who stands in none leaves the registry with the household's other answers. Raises ValueError for a key that is
    of none of these households, IntegrityError where the registry itself refuses (an IDCS taken meanwhile).
    """
    targets = list(targets)
    ids = [target.household.pk for target in targets if target.household]
    rows = {row.pk: row for row in Member.objects.filter(household__in=ids).order_by("pk").select_for_update(of=("self",))}
    households = [target.household or _founded(target, on) for target in targets]
    places = _places(targets, households, rows)
    changed = _write_members(places, rows)
    for target, household in zip(targets, households, strict=True):
        _write_household(target, household, changed=household.pk in changed, on=on)
    return households


def _founded(target: Target, on: date) -> Household:
    return insert_household(target.found, commune=target.commune, on=on)


def _places(targets: list[Target], households: list[Household], rows: dict[int, Member]) -> list[_Place]:
    listed = [(household, target, key) for target, household in zip(targets, households, strict=True) for key in target.keys]
    known = [member_id(key) for _household, _target, key in listed]
    registered = [pk for pk in known if pk is not None]
    if len(set(registered)) != len(registered) or not rows.keys() >= set(registered):
        raise ValueError("a person stands twice, or belongs to none of these households")
    fresh = iter(draw_member_ids(known.count(None)))
    ids = [pk if pk is not None else next(fresh) for pk in known]
    places, start = [], 0
    for target, household in zip(targets, households, strict=True):
        own = ids[start : start + len(target.keys)]
        start += len(target.keys)
        places += _of_household(target, household, own, rows)
    return places


def _of_household(target: Target, household: Household, ids: list[int], rows: dict[int, Member]) -> list[_Place]:
    """Who stays keeps their number in the household; newcomers follow."""
    numbers = {pk: rows[pk].position for pk in ids if pk in rows and rows[pk].household_id == household.pk}
    last = max((row.position for row in rows.values() if row.household_id == household.pk), default=0)
    places = []
    for pk, declared in zip(ids, target.found.members if target.found else (), strict=True):
        if pk not in numbers:
            last += 1
            numbers[pk] = last
        values = {field: declared.get(field, _empty(Member, field)) for field in MEMBER_FIELDS}
        values |= {f"{role}_id": ids[declared[role] - 1] if role in declared else None for role in POINTERS}
        values |= {"household_id": household.pk, "position": numbers[pk]}
        places.append(_Place(pk, household, values, rows.get(pk)))
    return places


def _empty(model: type[models.Model], name: str):
    """What a column holds when its question is not answered or not asked."""
    field = model._meta.get_field(name)
    return field.get_default() if field.has_default() else None if field.null else ""


def _write_members(places: list[_Place], rows: dict[int, Member]) -> set[int]:
    """Households in which somebody changed, came or went.

    A household has one head at every instant: who ceases to be it is written first, those who leave go next, heads come last.
    """
    changed = {place.household.pk for place in places if place.row is None}
    kept = {place.pk for place in places}
    moved = [place for place in places if place.row and _differs(place)]
    changed |= {place.household.pk for place in moved} | {place.row.household_id for place in moved}
    gone = [row for pk, row in rows.items() if pk not in kept]
    changed |= {row.household_id for row in gone}
    heads = [place for place in moved if place.values["relation"] == "head"]
    _update([place for place in moved if place.values["relation"] != "head"])
    _stand_down(heads)
    Member.objects.filter(pk__in=[row.pk for row in gone]).delete()
    _update(heads)
    newcomers = [Member(pk=place.pk, **place.values) for place in places if place.row is None]
    Member.objects.bulk_create(sorted(newcomers, key=lambda member: member.idcs))
    return changed


def _differs(place: _Place) -> bool:
    return any(getattr(place.row, name) != value for name, value in place.values.items())


def _stand_down(heads: list[_Place]) -> None:
    """Heads who become head elsewhere leave their first household without one for an instant, rather than a second with two."""
    leaving = [place.pk for place in heads if place.row.relation == "head" and place.row.household_id != place.household.pk]
    Member.objects.filter(pk__in=leaving).update(relation="other")


def _update(places: list[_Place]) -> None:
    if not places:
        return
    fields = [name for name in places[0].values if any(getattr(place.row, name) != place.values[name] for place in places)]
    for place in places:
        for name in fields:
            setattr(place.row, name, place.values[name])
    Member.objects.bulk_update([place.row for place in places], [name.removesuffix("_id") for name in fields])


def _write_household(target: Target, household: Household, *, changed: bool, on: date) -> None:
    values: dict[str, Any] = {"struck_off_on": None, "merged_into_id": None}
    if target.found is None:
        values = {"struck_off_on": household.struck_off_on or on, "merged_into_id": target.merged_into and target.merged_into.pk}
    elif target.household:
        values |= {field: target.found.household.get(field, _empty(Household, field)) for field in HOUSEHOLD_FIELDS}
        values |= {"milieu": target.found.milieu, "commune_id": target.commune.pk}
    fresh = {name: value for name, value in values.items() if getattr(household, name) != value}
    for name, value in fresh.items():
        setattr(household, name, value)
    if (fresh or changed) and household.due_since is None:
        household.due_since = Now()
        fresh["due_since"] = household.due_since
    if fresh:
        household.save(update_fields=[name.removesuffix("_id") for name in fresh])
        household.refresh_from_db(fields=["due_since"])
