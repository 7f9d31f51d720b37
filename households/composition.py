"""The family drawn as a list: couples side by side, their children under them, whoever is tied to nobody at the end.

Works on anything with `pk`, `sex`, `spouse_id`, `mother_id`, `father_id`, and `link` or `relation`: people of a draft as
well as members of a household. Nothing is refused here: what does not hold together is drawn as it was said.
"""

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Branch:
    """One person alone, or a husband and his wives, with the branches of their children.

    `mother` is told where a father has several wives: whose child this branch begins with.
    """

    people: list
    mother: object = None
    children: list["Branch"] = field(default_factory=list)
    holds_head: bool = False


def link_of(person) -> str:
    return getattr(person, "link", None) or getattr(person, "relation", "")


def family_of(people) -> list[Branch]:
    """The branches side by side, that of the head first; each person stands in one and only one."""
    people = list(people)
    by_pk = {person.pk: person for person in people}
    couples = _couples(people, by_pk)
    branches = {}
    for person in people:
        members = couples.get(person.pk, [person.pk])
        branches.setdefault(
            members[0], Branch([by_pk[pk] for pk in members], holds_head=any(link_of(by_pk[pk]) == "head" for pk in members))
        )
    place = {person.pk: first for first, branch in branches.items() for person in branch.people}
    head = next((place[person.pk] for person in people if link_of(person) == "head"), None)
    above = {first: _above(branch, place, head) for first, branch in branches.items()}
    roots = []
    for first, branch in branches.items():
        parent = above[first]
        if parent is None or _loops(first, above):
            roots.append(branch)
        else:
            several = len(branches[parent].people) > 2
            branch.mother = next((by_pk[one.mother_id] for one in branch.people if one.mother_id in by_pk), None) if several else None
            branches[parent].children.append(branch)
    return sorted(roots, key=lambda branch: not _has_head(branch))


def _couples(people, by_pk) -> dict[int, list[int]]:
    """For each married person here: the husband, then his wives in the order declared; for two of unknown sex, whoever came first."""
    wives = defaultdict(list)
    heads = [person for person in people if link_of(person) == "head"]
    for person in people:
        other = by_pk.get(person.spouse_id)
        if other is None and link_of(person) == "spouse" and len(heads) == 1:
            other = heads[0]
        if other is None or other is person:
            continue
        first, second = (person, other) if person.sex == "male" or other.sex == "female" else (other, person)
        if second.pk not in wives[first.pk]:
            wives[first.pk].append(second.pk)
    couples, taken = {}, set()
    for person in people:
        group = [person.pk, *(pk for pk in wives.get(person.pk, []) if pk not in taken)]
        if person.pk in taken or len(group) == 1:
            continue
        taken |= set(group)
        couples |= dict.fromkeys(group, group)
    return couples


def _above(branch: Branch, place: dict, head) -> int | None:
    """The branch of the parents of one of these; a child who names no parent here stands under the head, as the answer says."""
    own = place[branch.people[0].pk]
    for person in branch.people:
        for parent in (person.father_id, person.mother_id):
            if parent in place and place[parent] != own:
                return place[parent]
    said = any(link_of(person) == "child" for person in branch.people)
    return head if said and head is not None and head != own else None


def _loops(first: int, above: dict) -> bool:
    seen, at = {first}, above[first]
    while at is not None:
        if at in seen:
            return True
        seen.add(at)
        at = above[at]
    return False


def _has_head(branch: Branch) -> bool:
    return branch.holds_head or any(map(_has_head, branch.children))
