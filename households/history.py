"""A household's answers as they stood at an instant, made again from what the database kept of every row it replaced.

The history holds old rows, and nothing says when a row was first inserted: of those that may have been there, the first
inserted (the lowest ids) are taken, as many as whoever asks knows there were. He must check what he is given: a household
whose rows cannot be told apart is not made up, it is None.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model

from .models import Household, Member

POINTERS = ("spouse_id", "mother_id", "father_id")


@dataclass(frozen=True)
class Answers:
    """Rows that are nobody's today: never saved. Members in the order declared, by their id."""

    household: Household
    members: dict[int, Member]


class Past:
    """Everything kept of one household, in five queries at most whatever the number of instants asked for."""

    def __init__(self, household_id: int) -> None:
        self._households = _versions(Household, [household_id])
        here = Member.objects.filter(household_id=household_id).values_list("pk", flat=True)
        gone = Member.pgh_event_model.objects.filter(household_id=household_id).values_list("pgh_obj_id", flat=True)
        self._household_id = household_id
        self._members = _versions(Member, {*here, *gone})

    def answers(self, at: datetime, *, size: int) -> Answers | None:
        """What stood at that instant, when the household was of that size; None when so many members cannot be found."""
        homes = [row for row in _standing(self._households, at) if row is not None]
        people = [row for row in _standing(self._members, at) if row is not None and row.household_id == self._household_id]
        first = sorted(people, key=lambda member: member.pk)[:size]
        if not homes or len(first) < size:
            return None
        return Answers(homes[0], {member.pk: member for member in sorted(first, key=lambda member: (member.position, member.pk))})


@dataclass(frozen=True)
class _Versions:
    """The rows one object has been, each with the instant that replaced it, oldest first; the present one, if it still is."""

    replaced: list[tuple[datetime, Model]]
    present: Model | None


def _versions(model: type[Model], ids: Iterable[int]) -> list[_Versions]:
    events = model.pgh_event_model
    columns = [field.attname for field in model._meta.concrete_fields if field.name in {f.name for f in events._meta.fields}]
    replaced: dict[int, list[tuple[datetime, Model]]] = {key: [] for key in ids}
    for event in events.objects.filter(pgh_obj_id__in=list(replaced)).order_by("pgh_id"):
        replaced[event.pgh_obj_id].append((event.pgh_created_at, model(**{name: getattr(event, name) for name in columns})))
    present = model.objects.in_bulk(list(replaced))
    return [_Versions(rows, present.get(key)) for key, rows in sorted(replaced.items())]


def _standing(objects: Iterable[_Versions], at: datetime) -> Iterable[Model | None]:
    """Of each object the row that the first change after that instant replaced, or else the present one."""
    for versions in objects:
        yield next((row for replaced_at, row in versions.replaced if replaced_at > at), versions.present)


def present(household: Household) -> Answers:
    """What stands now, read afresh."""
    return Answers(
        Household.objects.get(pk=household.pk), {member.pk: member for member in household.members.order_by("position", "id").all()}
    )


def with_people_of(old: Answers, new: Answers) -> Answers:
    """The answers of before, had people only come and gone: those who stayed answer as before, those who came as they do now.

    People are the same by their IDCS, whatever row they stand in; nobody points to somebody who is not there.
    """
    before, after = ({member.idcs: member for member in answers.members.values()} for answers in (old, new))
    places = {after[idcs].pk: before[idcs].pk if idcs in before else after[idcs].pk for idcs in after}
    stayed = [member for idcs, member in before.items() if idcs in after]
    came = [_pointing(member, places) for idcs, member in after.items() if idcs not in before]
    here = {member.pk: member.pk for member in (*stayed, *came)}
    return Answers(old.household, {pk: member for pk, member in ((m.pk, _pointing(m, here)) for m in (*stayed, *came))})


def _pointing(member: Member, places: Mapping[int, int]) -> Member:
    """The same person, whose spouse and parents stand at these places, or are not here."""
    values = {field.attname: getattr(member, field.attname) for field in member._meta.concrete_fields}
    return Member(**values | {name: places.get(values[name]) for name in POINTERS})
