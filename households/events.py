"""What happens to a family, as changes already made to its declaration: nothing is typed twice, everything is read over before it counts.

Pure functions over answers as typed. People leave, somebody dies, another person becomes head: relations follow from who points
to whom, and where nobody does from what each was to the head before. Source: the conventions on a household's life, E5-E13 and E19.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from .ages import age_on
from .changes import by_key, placed
from .declaration import birth
from .entries import typed
from .questions import BY_FIELD

BY_FORMER_RELATION = {
    "spouse": {"head": "spouse", "child": "child", "parent": "parent_in_law", "parent_in_law": "parent", "grandchild": "grandchild"},
    "child": {"head": "parent", "child": "sibling"},
    "parent": {"head": "child", "child": "grandchild", "sibling": "child"},
    "sibling": {"head": "sibling", "sibling": "sibling", "parent": "parent"},
    "grandchild": {"grandchild": "sibling"},
    "parent_in_law": {},
    "other": {},
}
"""What each person is to the new head, by what that head was to the old one, where no pointer says better; `other` elsewhere."""


def without(answers: Mapping, keys: Iterable[str]) -> dict:
    """The same household once these people have gone; who pointed to them points to nobody here."""
    gone = set(keys)
    members = {key: member for key, member in by_key(answers).items() if key not in gone}
    return {**answers, "members": placed(members)}


def only(answers: Mapping, keys: Iterable[str]) -> dict:
    """These people of the household, with nothing said of where they live; a child without his mother is in nobody's charge yet."""
    kept = set(keys)
    members = {key: _uncharged(member, kept) for key, member in by_key(answers).items() if key in kept}
    return {"members": placed(members)}


def _uncharged(child: dict, here: Collection[str]) -> dict:
    left = typed(child.get("charge")) == "mother" and child.get("mother") not in here
    return {name: value for name, value in child.items() if name not in ("charge", "charge_document")} if left else child


def founded(answers: Mapping, keys: list[str], *, commune: str) -> dict:
    """The declaration of a household that these people found: they are known, the first becomes head, the dwelling is to be told."""
    leaving = only(answers, keys)
    head = head_of(leaving) or keys[0]
    return headed_by(leaving, head) | {"commune": commune}


def head_of(answers: Mapping) -> str | None:
    return next((key for key, member in by_key(answers).items() if member.get("relation") == "head"), None)


def proposed_head(answers: Mapping, *, gone: Iterable[str], on: date, law) -> str | None:
    """Who would become head once these people have gone: a spouse, else the eldest adult; None when no adult is left."""
    gone = set(gone)
    left = {key: member for key, member in by_key(answers).items() if key not in gone}
    spouse = next((key for key, member in left.items() if member.get("relation") == "spouse"), None)
    if spouse:
        return spouse
    born = {key: birth(member, on=on, law=law)[0] for key, member in left.items()}
    adults = [key for key, day in born.items() if day and age_on(on, day) >= law.value("registration.adult_age")]
    return min(adults, key=lambda key: born[key], default=None)


def headed_by(answers: Mapping, head: str) -> dict:
    """The same people around another head."""
    members = by_key(answers)
    chosen = members[head]
    former = typed(chosen.get("relation")) or "other"
    for key, member in members.items():
        member["relation"] = "head" if key == head else _relation(key, member, head, chosen, members, former)
    return {**answers, "members": placed(members)}


def _relation(key: str, member: Mapping, head: str, chosen: Mapping, members: Mapping[str, dict], former: str) -> str:
    wives = {other for other, one in members.items() if one.get("spouse") == head}
    parents = {member.get("mother"), member.get("father")}
    if member.get("spouse") == head or chosen.get("spouse") == key:
        return "spouse"
    if head in parents:
        return "child"
    if key in (chosen.get("mother"), chosen.get("father")):
        return "parent"
    partners = wives | {chosen.get("spouse")} - {None}
    if any(key in (members[one].get("mother"), members[one].get("father")) for one in partners if one in members):
        return "parent_in_law"
    if any(head in (members[one].get("mother"), members[one].get("father")) for one in parents if one in members):
        return "grandchild"
    if parents & ({chosen.get("mother"), chosen.get("father")} - {None}):
        return "sibling"
    return BY_FORMER_RELATION.get(former, {}).get(typed(member.get("relation")), "other")


def departed(answers: Mapping, keys: Iterable[str], *, new_head: str | None, on: date) -> dict:
    """These people leave, and live on; `new_head`, one of those who stay, is needed when the head is one of them.

    A child whose father leaves has a living father elsewhere; who has charge of one whose mother leaves is to be said.
    """
    return _gone(answers, set(keys), new_head=new_head, on=on, father={"father_status": "alive"})


def _gone(answers: Mapping, gone: set[str], *, new_head: str | None, on: date, father: Mapping) -> dict:
    """The household without them; `father` is what is then true of the father of each child left, until a grown age."""
    known = new_head in by_key(answers) and new_head not in gone
    left = headed_by(answers, new_head) if known and head_of(answers) in gone else answers
    people = by_key(left)
    for key, member in people.items():
        if key in gone:
            continue
        if member.get("father") in gone and _asked_of_father(member, on):
            member |= {**father, "charge": _charge(member, gone)}
        if member.get("mother") in gone and typed(member.get("charge")) == "mother":
            people[key] = _uncharged(member, people.keys() - gone)
    return without({**left, "members": placed(people)}, gone)


def _asked_of_father(child: Mapping, on: date) -> bool:
    """Whether the question concerns this age, by the year alone: a grown child is not asked where his father lives."""
    year = typed(child.get("birth_year"))
    return not year.isdecimal() or on.year - int(year) <= BY_FIELD["father_status"].who.to_age + 1


def left_behind(origin: Mapping, keys: Iterable[str], *, new_head: str | None, told: Mapping[str, Mapping], on: date) -> dict:
    """The household that people leave for another one; `told` are the answers that their leaving makes it owe, by person."""
    left = departed(origin, keys, new_head=new_head, on=on)
    members = {key: member | dict(told.get(key, {})) for key, member in by_key(left).items()}
    return {**left, "members": placed(members)}


def deceased(answers: Mapping, key: str, *, died_on: date, new_head: str | None) -> dict:
    """One person has died: a spouse here is widowed, a child here has lost his father, another head is named where it was he."""
    people = by_key(answers)
    dead = people[key]
    for other, member in people.items():
        if member.get("spouse") == key or dead.get("spouse") == other:
            married = any(one.get("spouse") == other for wife, one in people.items() if wife != key)
            member["marital_status"] = "married" if married else "widowed"
    father = {"father_status": "deceased", "father_died_on": f"{died_on:%d/%m/%Y}"}
    return _gone({**answers, "members": placed(people)}, {key}, new_head=new_head, on=died_on, father=father)


def _charge(child: Mapping, gone: Collection[str]) -> str:
    """With the mother when she lives here; otherwise whoever registers must say who has charge."""
    mother = child.get("mother")
    return "mother" if mother is not None and mother not in gone else typed(child.get("charge"))


def welcomed(answers: Mapping, others: Mapping, keys: Iterable[str]) -> dict:
    """The first household with these people of the other one, with what they answered."""
    return joined(answers, only(others, keys))


def joined(answers: Mapping, others: Mapping) -> dict:
    """Everybody under the first household's roof; the newcomers' relation to its head is left to say, save what pointers tell."""
    members, head = by_key(answers), head_of(answers)
    for key, member in by_key(others).items():
        members[key] = member
    for key in by_key(others):
        relation = _relation(key, members[key], head, members[head], members, "") if head else ""
        members[key]["relation"] = "" if relation == "other" else relation
    return {**answers, "members": placed(members)}
